"""What PAI offers: the accelerators of its instance types, and workspaces."""

from __future__ import annotations

from itertools import count
from math import ceil
from typing import TYPE_CHECKING, Any

from dlcapply.cloud.answers import not_understood

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from dlcapply.cloud.connection import Connection

ECS_SPECS = "/api/v1/ecsspecs"
WORKSPACES = "/api/v1/workspaces"
_PAGE_SIZE = 100
_TYPES_A_CALL = 50  # they travel in the query


def accelerators(connection: Connection, instance_types: Collection[str]) -> Mapping[str, int]:
    """How many accelerators each of the types has that PAI knows, 0 for a CPU type; raises ServiceError."""
    wanted = sorted(set(instance_types))
    found: dict[str, int] = {}
    for start in range(0, len(wanted), _TYPES_A_CALL):
        batch = wanted[start : start + _TYPES_A_CALL]
        for row in _rows(connection, batch):
            number = _accelerators(row)
            if row.get("InstanceType") in batch and number is not None:
                found[row["InstanceType"]] = number
    return found


def _accelerators(row: Mapping[str, Any]) -> int | None:
    """The whole accelerators of an instance type; None when the row does not tell them."""
    number = _count(row.get("Gpu"))
    return None if not number and row.get("AcceleratorType") == "GPU" else number


def workspace_exists(connection: Connection, workspace_id: str) -> bool:
    """Whether the caller can see the workspace; `connection` is to AIWorkSpace. Raises ServiceError."""
    answer = connection.read("ListWorkspaces", WORKSPACES, {"WorkspaceIds": workspace_id})
    rows = answer.get("Workspaces")
    if not isinstance(rows, list):
        raise not_understood("ListWorkspaces", "has no Workspaces")
    return any(isinstance(row, dict) and row.get("WorkspaceId") == workspace_id for row in rows)


def _rows(connection: Connection, instance_types: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """All pages; never with SortBy, which the service documents and rejects (Alibaba's skill for PAI-DLC)."""
    query = {"InstanceTypes": ",".join(instance_types), "PageSize": str(_PAGE_SIZE)}
    seen = 0
    for number in count(1):
        answer = connection.read("ListEcsSpecs", ECS_SPECS, query | {"PageNumber": str(number)})
        rows = answer.get("EcsSpecs")
        if not isinstance(rows, list):
            raise not_understood("ListEcsSpecs", "has no EcsSpecs")
        yield from (row for row in rows if isinstance(row, dict))
        seen += len(rows)
        if not rows or seen >= (_count(answer.get("TotalCount")) or 0):
            return


def _count(value: Any) -> int | None:
    """A number that PAI may write as text, rounded up; None when it is neither."""
    try:
        return ceil(float(value or 0))
    except (TypeError, ValueError, OverflowError):
        return None
