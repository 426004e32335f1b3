"""Findings as GitHub workflow annotations."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from dlcapply.model.findings import Level
from dlcapply.one_line import printable
from dlcapply.rendering.finding_text import advice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dlcapply.model.findings import Finding

# GitHub shows so many annotations of each level for a step, and drops the rest silently.
MOST_PER_LEVEL = 10

_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning"}
_LEVELS = tuple(_COMMANDS)


def github_text(findings: Iterable[Finding]) -> str:
    """One annotation a line, errors first; beyond ten of a level, one notice says how many are not shown."""
    by_level = sorted(findings, key=lambda finding: _LEVELS.index(finding.level))
    return "".join(
        f"{row}\n"
        for _, group in groupby(by_level, key=lambda finding: finding.level)
        for row in _rows(group)
    )


def _rows(findings: Iterable[Finding]) -> Iterator[str]:
    found = list(findings)
    yield from map(_annotation, found[:MOST_PER_LEVEL])
    if (rest := len(found) - MOST_PER_LEVEL) > 0:
        yield f"::notice title=dlcapply::{rest} more of level {found[0].level} are not shown here"


def _annotation(finding: Finding) -> str:
    place = finding.place
    properties = {"file": place.file, "line": str(place.line), "col": str(place.column)} if place else {}
    properties["title"] = finding.rule
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMANDS[finding.level]} {listed}::{_data(advice(finding))}"


def _data(text: str) -> str:
    """The text on one line, as the runner decodes it; nothing in it can begin another command."""
    shown = "\n".join(map(printable, text.split("\n")))
    return shown.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
