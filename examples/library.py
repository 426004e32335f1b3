"""A plan from Python: what would become of each job of a repository, and why.

Usage: python examples/library.py manifests [environment]
"""

import os
import sys
import time
from datetime import UTC, datetime

from dlcapply.cloud.gathering import Records, gather
from dlcapply.cloud.jobs import JobService
from dlcapply.cloud.wire.connection import connect
from dlcapply.manifest.load import Asked, load
from dlcapply.planning.planner import Options, make_plan


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def main(path: str, environment_name: str = "") -> None:
    clock = SystemClock()
    loaded = load(Asked(paths=(path,), environment=environment_name, environ=os.environ))
    environment = loaded.environment
    if environment is None:
        sys.exit("the manifests name no environment")
    connection = connect(environment, clock=clock)
    service = JobService(
        connection, workspace_id=environment.workspace_id, owner=environment.owner, claims=loaded.claims
    )
    live = gather(
        service,
        jobs=loaded.jobs,
        environment=environment,
        orphans=loaded.complete,
        records=Records(names=loaded.names),
    )
    plan = make_plan(
        desired=loaded.jobs,
        live=live.runs,
        environment=environment,
        census=live.census,
        options=Options(now=clock.now(), complete=loaded.complete, names=loaded.names),
    )
    for change in plan.changes:
        print(f"{change.name}: {change.action}, because {change.reason.text}")


if __name__ == "__main__":
    main(*sys.argv[1:])
