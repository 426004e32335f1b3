"""Scenarios: a document that says what a service has, what was there before, and what goes wrong.

Keys are the names of the dataclasses' fields in camel case; jobs are in PAI's own keys. Types are read off
the annotations, so that whatever is added to a dataclass can be declared at once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import Field, dataclass, fields, is_dataclass, replace
from datetime import datetime
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from dlcapply.emulator.clock import Clock  # noqa: TC001 - read from annotations
from dlcapply.emulator.world.catalogue import Catalogue  # noqa: TC001 - read from annotations
from dlcapply.emulator.world.faults import Fault  # noqa: TC001 - read from annotations
from dlcapply.emulator.world.switches import Switches  # noqa: TC001 - read from annotations
from dlcapply.emulator.world.world import Lifecycle, User, Workspace  # noqa: TC001 - read from annotations

T = TypeVar("T")

FOREVER = "forever"  # an infinite number of seconds
_HEAD = frozenset({"apiVersion", "kind"})


class ScenarioError(ValueError):
    """The document is not a scenario; the message begins with the path of what is wrong in it."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a document declares; None for what it leaves as it is.

    `catalogue` is added to the default one, unless `catalogue_only`. `jobs` are for a new state alone.
    """

    clock: Clock | None = None
    users: dict[str, User] | None = None
    workspaces: tuple[Workspace, ...] | None = None
    catalogue: Catalogue | None = None
    catalogue_only: bool = False
    lifecycle: Lifecycle | None = None
    lifecycles: dict[str, Lifecycle] | None = None
    switches: Switches | None = None
    jobs: tuple[dict[str, Any], ...] = ()
    faults: tuple[Fault, ...] = ()


def read_scenario(document: Mapping[str, Any]) -> Scenario:
    """The scenario of a document as YAML or JSON gives it; raises ScenarioError."""
    body = {key: value for key, value in document.items() if key not in _HEAD}
    return _struct(Scenario, body, "")


def joined(base: Catalogue, scenario: Scenario) -> Catalogue:
    """The scenario's catalogue; what has the same id in `base` is replaced."""
    own = scenario.catalogue
    if own is None or scenario.catalogue_only:
        return own or base
    return replace(
        base, **{one.name: (*getattr(own, one.name), *getattr(base, one.name)) for one in fields(base)}
    )


def camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.title() for word in rest)


def _struct(kind: type[T], value: Any, place: str) -> T:
    if not isinstance(value, dict):
        raise ScenarioError(f"{place or 'the document'} must be a map")
    hints, known = (
        get_type_hints(kind, localns={"Mapping": Mapping}),
        {camel(one.name): one for one in _fields(kind)},
    )
    for key in value:
        if key not in known:
            path = f"{place}.{key}".lstrip(".")
            raise ScenarioError(f"{path} is not known; one of: {', '.join(known)}")
    given = {
        known[key].name: _value(hints[known[key].name], inner, f"{place}.{key}".lstrip("."))
        for key, inner in value.items()
    }
    try:
        return kind(**given)
    except (TypeError, ValueError) as error:
        raise ScenarioError(f"{place}: {error}") from error


def _fields(kind: type[Any]) -> tuple[Field[Any], ...]:
    return fields(kind)


def _value(hint: Any, value: Any, place: str) -> Any:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in {Union, UnionType}:
        plain = next(one for one in inner if one is not NoneType)
        return None if value is None and NoneType in inner else _value(plain, value, place)
    if origin is Literal:
        return _one_of(inner, value, place)
    if origin is not None:
        return _collection(origin, inner, value, place)
    if is_dataclass(hint):
        return _struct(hint, value, place)  # type: ignore[arg-type]
    return _leaf(hint, value, place)


def _collection(origin: type, inner: tuple[Any, ...], value: Any, place: str) -> Any:
    """A tuple or a set of a list, or a map by texts."""
    if origin in {tuple, frozenset}:
        if not isinstance(value, list):
            raise ScenarioError(f"{place} must be a list")
        return origin(_value(inner[0], one, f"{place}[{number}]") for number, one in enumerate(value))
    if not isinstance(value, dict):
        raise ScenarioError(f"{place} must be a map")
    return {str(key): _value(inner[1], one, f"{place}.{key}") for key, one in value.items()}


def _one_of(choices: tuple[Any, ...], value: Any, place: str) -> Any:
    if value not in choices:
        raise ScenarioError(f"{place} must be one of {', '.join(str(one) for one in choices if one != '')}")
    return value


def _leaf(hint: Any, value: Any, place: str) -> Any:
    if hint in {Any, object}:
        return value
    if hint is float and value == FOREVER:
        return math.inf
    if hint is datetime:
        return _time(value, place)
    expected = (int, float) if hint is float else str if issubclass(hint, str) else hint
    if not isinstance(value, expected) or (isinstance(value, bool) and hint is not bool):
        raise ScenarioError(f"{place} must be of type {hint.__name__}")
    if isinstance(value, int | float) and not value >= 0:  # NaN is not either
        raise ScenarioError(f"{place} must be a number from 0")
    try:
        return hint(value)
    except (ValueError, OverflowError) as error:
        raise ScenarioError(f"{place}: {error}") from error


def _time(value: Any, place: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise ScenarioError(f"{place} must be a time in ISO 8601") from error
    if moment.tzinfo is None:
        raise ScenarioError(f"{place} must name its zone, such as Z")
    return moment
