"""What an apply would do to each job, and why: python examples/library.py [PATH…]"""

import sys

import dlcapply

manifests = dlcapply.load(*sys.argv[1:])
with dlcapply.connect(manifests) as service:
    for change in dlcapply.plan(manifests, service).changes:
        print(f"{change.name}: {change.action}, because {change.reason.text}")
