"""What the parameters of a query may hold.

Values are checked before an operation runs: one that was ignored, or read as another, would answer the wrong
question.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dlcapply.emulator.answers import invalid
from dlcapply.emulator.clock import read_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_WHOLE = re.compile(r"-?[0-9]{1,18}")  # no range has more digits
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
_MAX_TEXT = 65_536


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a value must be, in words and as a test; an empty value counts as not given."""

    words: str
    fits: Callable[[str], bool]
    is_required: bool = False


def check_parameters(parameters: Mapping[str, Parameter], given: Iterable[tuple[str, str]]) -> None:
    """Raises Refusal for the first parameter that has a wrong value, comes twice, or is missing."""
    seen: dict[str, str] = {}
    for name, value in given:
        if name in seen:
            raise invalid(f"{name} is given twice.")
        seen[name] = value
        if value and not parameters[name].fits(value):
            raise invalid(f"{name} must be {parameters[name].words}.")
    for name, parameter in parameters.items():
        if parameter.is_required and not seen.get(name):
            raise invalid(f"{name} is required.")


def required(parameter: Parameter) -> Parameter:
    return replace(parameter, is_required=True)


def text(longest: int = _MAX_TEXT) -> Parameter:
    return Parameter(f"at most {longest} characters", lambda value: len(value) <= longest)


def whole(least: int, most: int) -> Parameter:
    def fits(value: str) -> bool:
        return bool(_WHOLE.fullmatch(value)) and least <= int(value) <= most

    return Parameter(f"a whole number from {least} to {most}", fits)


def choice(*values: str) -> Parameter:
    return Parameter(f"one of {', '.join(values)}", values.__contains__)


def some_of(*values: str) -> Parameter:
    """Some of the values, separated by commas."""
    return Parameter(
        f"some of {', '.join(values)}, separated by commas",
        lambda value: all(one.strip() in values for one in value.split(",") if one.strip()),
    )


def pattern(words: str, regex: str) -> Parameter:
    compiled = re.compile(regex, re.ASCII)
    return Parameter(words, lambda value: bool(compiled.fullmatch(value)))


def _is_time(value: str) -> bool:
    try:
        read_time(value)
    except (ValueError, OverflowError):
        return False
    return bool(_TIME.fullmatch(value))


def _is_json(value: str, kind: type, inner: tuple[type, ...]) -> bool:
    try:
        read = json.loads(value)
    except (ValueError, RecursionError):
        return False
    values = read.values() if isinstance(read, dict) else read if isinstance(read, list) else ()
    return isinstance(read, kind) and all(isinstance(one, inner) for one in values)


TEXT = text()
FLAG = Parameter("true or false", lambda value: value.lower() in {"true", "false"})  # SDKs write True
TIME = Parameter("a time in ISO 8601, such as 2026-01-05T08:00:00Z", _is_time)
TEXT_MAP = Parameter("a JSON object of strings", lambda value: _is_json(value, dict, (str,)))
FLAG_MAP = Parameter("a JSON object of booleans", lambda value: _is_json(value, dict, (bool,)))
DIMENSIONS = Parameter("a JSON array of objects", lambda value: _is_json(value, list, (dict,)))
TEXT_LIST = Parameter("a JSON array of strings", lambda value: _is_json(value, list, (str,)))
PAIRS = Parameter(
    "KEY=VALUE, separated by commas",
    lambda value: all("=" in one for one in value.split(",") if one),
)
