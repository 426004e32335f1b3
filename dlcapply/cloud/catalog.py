"""What PAI offers: the accelerators of its instance types, and workspaces."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

from dlcapply.cloud.answers import not_understood, request_id_of
from dlcapply.cloud.reading import is_number_or_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from dlcapply.cloud.connection import Connection

ECS_SPECS = "/api/v1/ecsspecs"
WORKSPACES = "/api/v1/workspaces"
_PAGE_SIZE = 100
_TYPES_A_CALL = 50  # they travel in the query
# Some hundred types exist in a region, even where the service ignores which were asked for.
_MOST_PAGES = 50
_HIGHEST = 1_000_000
# How a type without accelerators is described (ListEcsSpecs); any other word may stand for some.
_WITHOUT = (None, "", "CPU")


def accelerators(connection: Connection, instance_types: Collection[str]) -> Mapping[str, int]:
    """How many accelerators each of the types has that PAI knows, 0 for a CPU type; raises ServiceError."""
    wanted = sorted(set(instance_types))
    found: dict[str, int] = {}
    for start in range(0, len(wanted), _TYPES_A_CALL):
        found |= _known(_rows(connection, wanted[start : start + _TYPES_A_CALL]))
    return {kind: found[kind] for kind in wanted if kind in found}


def _known(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """The accelerators of each type that all of its rows tell; of several numbers the greatest."""
    told: dict[str, list[int | None]] = {}
    for row in rows:
        if isinstance(kind := row.get("InstanceType"), str):
            told.setdefault(kind, []).append(_accelerators(row))
    return {kind: max(filter(None, counts), default=0) for kind, counts in told.items() if None not in counts}


def _accelerators(row: Mapping[str, Any]) -> int | None:
    """The whole accelerators of an instance type; None when the row does not tell them."""
    number = _count(row.get("Gpu"))
    return number or (number if row.get("AcceleratorType") in _WITHOUT else None)


def workspace_exists(connection: Connection, workspace_id: str) -> bool:
    """Whether the caller can see the workspace; `connection` is to AIWorkSpace. Raises ServiceError."""
    answer = connection.read("ListWorkspaces", WORKSPACES, {"WorkspaceIds": workspace_id})
    ids = [row.get("WorkspaceId") for row in _listed(answer, "ListWorkspaces", "Workspaces")]
    return any(is_number_or_text(one) and str(one) == workspace_id for one in ids)


def _rows(connection: Connection, instance_types: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """All pages; never with SortBy, which the service documents and rejects (Alibaba's skill for PAI-DLC)."""
    query = {"InstanceTypes": ",".join(instance_types), "PageSize": str(_PAGE_SIZE)}
    seen = 0
    for number in range(1, _MOST_PAGES + 1):
        answer = connection.read("ListEcsSpecs", ECS_SPECS, query | {"PageNumber": str(number)})
        rows = _listed(answer, "ListEcsSpecs", "EcsSpecs")
        yield from rows
        seen += len(rows)
        if not rows or seen >= (_count(answer.get("TotalCount")) or 0):
            return
    raise not_understood("ListEcsSpecs", "has no end", request_id=request_id_of(answer))


def _listed(answer: Mapping[str, Any], operation: str, key: str) -> list[Mapping[str, Any]]:
    rows = answer.get(key)
    if not isinstance(rows, list):
        raise not_understood(operation, f"has no {key}", request_id=request_id_of(answer))
    return [row for row in rows if isinstance(row, dict)]


def _count(value: Any) -> int | None:
    """A number that PAI may write as text, rounded up, 0 where it is left out; None when it is neither."""
    if value is None:
        return 0
    if not is_number_or_text(value) and not isinstance(value, float):
        return None
    try:
        number = ceil(float(value))
    except (ValueError, OverflowError):
        return None
    return number if 0 <= number <= _HIGHEST else None
