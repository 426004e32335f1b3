"""docs/changes.md names every reason, and what its fields ask for is the field table's word."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from dlcapply.model.plans import Action, Behaviour
from dlcapply.planning.decisions import Why
from dlcapply.planning.fields import FIELDS, Effect

PAGE = Path(__file__).parents[2] / "docs" / "changes.md"
MADE = re.compile(r"(<!-- made of [^\n]*-->\n).*?(<!-- end -->)", re.DOTALL)
HEADS = {
    Effect.CIRCUMSTANCES: "circumstances: a new run only after a failure, or a stop by the time limit",
    Effect.NOTHING: "no reason for a new run; PAI changes some of these in place",
}


def table() -> Iterator[str]:
    for effect, head in HEADS.items():
        yield f"\n| {head} | |\n|---|---|\n"
        for path, field in FIELDS.items():
            if field.effect is effect:
                yield f"| `{path}` | {field.why} |\n"
    yield "\n"


def test_the_fields_are_those_of_the_table():
    text = PAGE.read_text("utf-8")
    expected = MADE.sub(lambda found: f"{found[1]}{''.join(table())}{found[2]}", text)
    if os.environ.get("DLCAPPLY_REWRITE"):
        PAGE.write_text(expected, "utf-8")
    assert PAGE.read_text("utf-8") == expected
    assert expected.count("\n| `JobMaxRunningTimeMinutes` |") == 1


def test_every_reason_has_a_row_with_actions_that_there_are():
    rows = re.findall(r"^\| `([a-z-]+)` \| ([a-z, ]+) \| .+ \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert sorted(code for code, _ in rows) == sorted(Why)
    assert {action for _, actions in rows for action in actions.split(", ")} == set(Action)


def test_every_behaviour_is_named():
    told = PAGE.read_text("utf-8").split("`behaviour` in JSON")[1]
    assert set(re.findall(r"`([^`]+)`", " ".join(told.split()))) == set(Behaviour)
