"""Paths in a template's content: `$.Settings.Tags`, `JobSpecs[0].Image`, `$.JobSpecs[*].Image`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dlcapply.emulator.answers import invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

Step = str | int | None  # a key, a place in a list, or any place in it

_PATH = re.compile(r"(?:\$\.)?(\w+(?:\[(?:\d{1,4}|\*)\])?(?:\.\w+(?:\[(?:\d{1,4}|\*)\])?)*)")
_STEP = re.compile(r"(\w+)|\[(\d+|\*)\]")


def read_path(text: str) -> tuple[Step, ...]:
    """The steps of a path; raises Refusal for text that is not a path."""
    found = _PATH.fullmatch(text)
    if found is None:
        raise invalid(f"Constraints: {text} is not a path.")
    return tuple(_step(match) for match in _STEP.finditer(found[1]))


def _step(match: re.Match[str]) -> Step:
    key, place = match.groups()
    if key is not None:
        return str(key)
    return None if place == "*" else int(place)


def values_at(value: Any, steps: Sequence[Step]) -> list[Any]:
    """Every value that the path leads to."""
    if not steps:
        return [value]
    step, *rest = steps
    match step, value:
        case str(), dict():
            return values_at(value[step], rest) if step in value else []
        case int(), list():
            return values_at(value[step], rest) if step < len(value) else []
        case None, list():
            return [found for item in value for found in values_at(item, rest)]
        case _:
            return []


def set_at(target: Any, source: Any, steps: Sequence[Step]) -> None:
    """What the path leads to in `source` stands in `target` too, where both have the way to it."""
    step, *rest = steps
    match step, target, source:
        case str(), dict(), dict() if step in source:
            if rest and step in target:
                set_at(target[step], source[step], rest)
            else:
                target[step] = source[step]
        case int(), list(), list() if step < len(source) and step < len(target):
            if rest:
                set_at(target[step], source[step], rest)
            else:
                target[step] = source[step]
        case None, list(), list() if rest:
            for one, other in zip(target, source, strict=False):
                set_at(one, other, rest)
        case _:
            pass
