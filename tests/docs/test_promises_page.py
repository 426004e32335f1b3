"""docs/promises.md names tests that there are."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs/promises.md"


def test_every_promise_names_tests_that_exist():
    section = PAGE.read_text("utf-8").split("## What is promised")[1].split("## What cannot")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]
    code = "\n".join(path.read_text("utf-8") for path in TESTS.rglob("test_*.py"))
    defined = set(re.findall(r"def (test_\w+)|^(TestPromises) =", code, re.MULTILINE))
    known = {name for names in defined for name in names if name}
    for row in rows:
        named = re.findall(r"`(test_\w+|Test\w+)`", row)
        assert named, row
        assert set(named) <= known, row
