"""docs/rules.md is made of the explanations; DLCAPPLY_REWRITE=1 writes it anew."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from dlcapply.manifest.rules.explanations import EXPLANATIONS, Explanation

DOCUMENT = Path(__file__).parents[2] / "docs" / "rules.md"
HEAD = """\
# Rules

What `dlcapply validate` checks, one rule a section; `dlcapply explain RULE` prints the same. Examples are
parts of a manifest, or of `dlcapply.yaml` where they say so.

A project sets the level of warnings, of policies, and of the errors that PAI's own documents do not settle:

```yaml
# dlcapply.yaml
rules: {image-tag-latest: error, storage-region: off}
```

A manifest waives warnings and policies for its own job, with a reason of at least ten characters:

```yaml
waivers:
  - rule: image-tag-latest
    reason: The nightly build moves this tag on purpose
```

"""


def anchor(rule: str) -> str:
    return re.sub(r"[^a-z-]", "", rule)


def page(known: Explanation) -> Iterator[str]:
    yield f"\n## {known.rule}\n\n{known.summary} ({known.standing}).\n\n{known.text}\n"
    for title, example in (("Wrong", known.bad), ("Right", known.good)):
        if example:
            yield f"\n{title}:\n\n```yaml\n{example}```\n"


def expected() -> str:
    rows = "".join(
        f"| [{one.rule}](#{anchor(one.rule)}) | {one.level} | {one.summary} |\n"
        for one in EXPLANATIONS.values()
    )
    sections = "".join(part for one in EXPLANATIONS.values() for part in page(one))
    return f"{HEAD}| rule | level | |\n|---|---|---|\n{rows}{sections}"


def test_the_document_is_made_of_the_explanations():
    if os.environ.get("DLCAPPLY_REWRITE"):
        DOCUMENT.write_text(expected(), "utf-8")
    assert DOCUMENT.read_text("utf-8") == expected()
