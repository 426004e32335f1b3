"""What can be read of an answer about a run: values in the shapes that PAI documents.

An answer may hold anything, and nothing may be decided on what can't be read: a value that a decision needs
is an error, any other is passed over.
"""

from __future__ import annotations

from enum import Enum
from math import isfinite
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dlcapply.errors import FailureKind, ServiceError
from dlcapply.planning.fields import FIELDS, OPEN_MAPS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dlcapply.model.jobs import Spec
    from dlcapply.model.runs import Run

    _Report = Callable[[str, Any], None]

UNREADABLE = "UnreadableAnswer"
HINT = "nothing is decided on what can't be read: look at the job in PAI's console, or try again"

# No documented value lies deeper, and nobody's own functions need to go deeper.
_DEEPEST = 24
_BIGGEST_BITS = 64
_LONGEST_TEXT = 65_536  # bytes in a whole body (CreateJob)
_LONGEST_PATH = 200  # names of variables and tags are part of it


class _Shape(Enum):
    LEAF = "leaf"
    MAP = "map"
    LIST = "list"


class _Nothing(Enum):
    """What stays of a value of another shape."""

    NOTHING = 0


def _shapes() -> dict[str, _Shape]:
    """The shape of every documented leaf, and of the maps and lists above it, by path."""
    shapes: dict[str, _Shape] = {}
    for path in FIELDS:
        steps = path.split(".")
        for length, step in enumerate(steps, 1):
            here = ".".join(steps[:length])
            shapes[here] = _Shape.LEAF if length == len(steps) else _Shape.MAP
            if step.endswith("[]"):
                shapes[here.removesuffix("[]")] = _Shape.LIST
    return shapes


_SHAPES: Mapping[str, _Shape] = MappingProxyType(_shapes())


def unreadable(operation: str, job_id: str, path: str, value: Any, *, request_id: str = "") -> ServiceError:
    """The error for a value that a decision needs and can't be read."""
    return ServiceError(
        f"{operation} {job_id}: {path[:_LONGEST_PATH]} is {kind_of(value)}",
        kind=FailureKind.AMBIGUOUS,
        code=UNREADABLE,
        status=200,
        request_id=request_id,
        hint=HINT,
    )


def kind_of(value: Any) -> str:
    """What a value is, in words that follow "is"."""
    match value:
        case None:
            return "missing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number" if is_plain(value) else "a number out of any range"
        case str():
            return "text that can't be used" if value.strip() else "empty"
        case list():
            return "a list"
        case _:
            return "a map"


def is_plain(value: Any) -> bool:
    """Whether a leaf can be compared, written down and shown."""
    if type(value) is str and value.isascii():  # as most are
        return len(value) <= _LONGEST_TEXT
    match value:
        case None | bool():
            return True
        case str():
            is_text = value.isascii() or not any("\ud800" <= char <= "\udfff" for char in value)
            return is_text and len(value) <= _LONGEST_TEXT
        case int():
            return value.bit_length() <= _BIGGEST_BITS
        case float():
            return isfinite(value)
        case _:
            return False


def sound(body: Spec) -> dict[str, Any]:
    """The body without the values that have another shape than documented."""
    return _read_map(body, "", 0, lambda _path, _value: None)


def comparable(live: Run, desired: Spec, *, decides: bool) -> dict[str, Any]:
    """The run's body for a comparison with the desired spec, without values of another shape.

    Raises ServiceError for one that the spec sets, where the comparison `decides` about the run.
    """
    odd: list[tuple[str, Any]] = []
    body = _read_map(live.body, "", 0, lambda path, value: odd.append((path, value)))
    needed = frozenset(_paths(desired, "")) if decides and odd else frozenset()
    for path, value in odd:
        if path in needed or path.rpartition(".")[0] in needed & OPEN_MAPS:
            raise unreadable("GetJob" if live.detailed else "ListJobs", live.job_id, path, value)
    return body


def _paths(value: Any, path: str) -> Iterator[str]:
    """The path of everything that is set."""
    match value:
        case dict():
            for key, item in value.items():
                inner = f"{path}.{key}".lstrip(".")
                yield inner
                yield from _paths(item, inner)
        case list():
            yield f"{path}[]"
            for item in value:
                yield from _paths(item, f"{path}[]")
        case _:
            pass


def _read(value: Any, path: str, depth: int, report: _Report) -> Any:
    if value is None:
        return None
    shape = _SHAPES.get(path) or _shape_of(value, path)
    if shape is _Shape.LEAF and is_plain(value):
        return value
    if shape is _Shape.MAP and isinstance(value, dict) and depth < _DEEPEST:
        return _read_map(value, path, depth, report)
    if shape is _Shape.LIST and isinstance(value, list) and depth < _DEEPEST:
        return _read_list(value, f"{path}[]", depth + 1, report)
    report(path, value)
    return _Nothing.NOTHING


def _read_list(value: list[Any], path: str, depth: int, report: _Report) -> list[Any]:
    for item in value:
        if item is None:
            report(path, item)
    items = [_read(item, path, depth, report) for item in value if item is not None]
    return [item for item in items if item is not _Nothing.NOTHING]


def _read_map(value: Spec, path: str, depth: int, report: _Report) -> dict[str, Any]:
    items = {}
    for key, item in value.items():
        if is_plain(key):
            inner = f"{path}.{key}" if path else f"{key}".lstrip(".")
            read = _read(item, inner, depth + 1, report)
            if read is not _Nothing.NOTHING:
                items[key] = read
    return items


def _shape_of(value: Any, path: str) -> _Shape:
    """The shape of what nobody documents: its own, and a leaf in a map of anybody's keys."""
    if path.rpartition(".")[0] in OPEN_MAPS:
        return _Shape.LEAF
    match value:
        case dict():
            return _Shape.MAP
        case list():
            return _Shape.LIST
        case _:
            return _Shape.LEAF
