"""Findings: made, ordered, and bounded to what a person can read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcapply.manifest.nodes import Node, Step, dotted
from dlcapply.model.findings import Finding, Level, Place
from dlcapply.one_line import printable
from dlcapply.secrecy import without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Of one manifest, and of all; a stranger's files could hold millions.
MOST_ERRORS = 100
MOST_WARNINGS = 1_000
MOST_DIFFERENT = 1_000
MOST_TOLD = 20_000
# Values in manifests with errors: to look for all errors takes some 20 microseconds a value.
MOST_EXPLAINED = 100_000

_MOST_LISTED = 40


def finding(
    rule: str,
    message: str,
    where: Node | Place,
    path: Iterable[Step] | str = "",
    *,
    hint: str = "",
    level: Level = Level.ERROR,
) -> Finding:
    """A finding at the node or the place; no text of a file breaks or colours its line, or shows a secret."""
    place = where.place if isinstance(where, Node) else where
    path = path if isinstance(path, str) else dotted(path)
    message, hint = (printable(without_secrets(text)) for text in (message, hint))
    return Finding(rule, level, message, hint, place, printable(path))


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each finding once, by place."""
    return tuple(sorted(dict.fromkeys(findings), key=_rank))


def _rank(item: Finding) -> tuple[Place, str, str, str]:
    return (item.place or Place(""), item.path, item.rule, item.message)


def has_errors(findings: Iterable[Finding]) -> bool:
    return any(item.level is Level.ERROR for item in findings)


def bounded(
    findings: Iterable[Finding],
    where: Place,
    most_errors: int = MOST_ERRORS,
    most_warnings: int = MOST_WARNINGS,
) -> Iterator[Finding]:
    """The findings up to a number that a person can read, and one that says that there are more.

    What follows the last error that is shown is not even looked for.
    """
    errors = warnings = 0
    for item in findings:
        is_error = item.level is Level.ERROR
        errors, warnings = errors + is_error, warnings + (not is_error)
        if errors > most_errors:
            yield more_errors(where)
            return
        if is_error or warnings <= most_warnings:
            yield item
    if warnings > most_warnings:
        message = f"there are {warnings - most_warnings:,} more warnings here than are shown"
        yield finding("too-many", message, where, level=Level.WARNING)


def more_errors(where: Place) -> Finding:
    """The finding that stands for the errors that were not looked for."""
    hint = "fix these first: the rest was not looked for"
    return finding("too-many", "there are more errors here than are shown", where, hint=hint)


def listed(words: Iterable[Any]) -> str:
    """The words in a row, no more of them than fit a line; an empty one as it is written, to be seen."""
    words = ['""' if word == "" else word for word in words]
    more = f" and {len(words) - _MOST_LISTED} more" if len(words) > _MOST_LISTED else ""
    return ", ".join(map(str, words[:_MOST_LISTED])) + more
