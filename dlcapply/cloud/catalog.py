"""What PAI offers: the accelerators and CPUs of its instance types, and workspaces."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple

from dlcapply.cloud.wire.failures import not_understood, request_id_of
from dlcapply.cloud.wire.json_reader import is_number_or_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from dlcapply.cloud.wire.connection import Connection

ECS_SPECS = "/api/v1/ecsspecs"
WORKSPACES = "/api/v1/workspaces"
_PAGE_SIZE = 100
_TYPES_A_CALL = 50  # they travel in the query
# Some hundred types exist in a region, even where the service ignores which were asked for.
_MOST_PAGES = 50
_HIGHEST = 1_000_000
# How a type without accelerators is described (ListEcsSpecs); any other word may stand for some.
_WITHOUT = (None, "", "CPU")


class Sizes(NamedTuple):
    """How many accelerators each instance type has, 0 for a CPU type, and how many CPUs, if PAI tells."""

    accelerators: Mapping[str, int]
    cpus: Mapping[str, int]


class SpotOffer(NamedTuple):
    """What a spot instance costs now, as a share of its price, and whether there are any; None: not known."""

    discount: float | None
    has_stock: bool | None


def sizes(connection: Connection, instance_types: Collection[str]) -> Sizes:
    """What the instance types have that PAI knows; raises ServiceError."""
    wanted = sorted(set(instance_types))
    rows: list[Mapping[str, Any]] = []
    for start in range(0, len(wanted), _TYPES_A_CALL):
        rows += _rows(connection, wanted[start : start + _TYPES_A_CALL])
    return Sizes(_known(rows, wanted, _accelerators), _known(rows, wanted, _cpus))


def spot_offers(connection: Connection, instance_types: Collection[str]) -> dict[str, SpotOffer]:
    """What spot instances of the types cost, and whether there are any; of several rows the first counts.

    Raises ServiceError.
    """
    wanted = sorted(set(instance_types))[:_TYPES_A_CALL]
    offers: dict[str, SpotOffer] = {}
    for row in _rows(connection, wanted):
        if isinstance(kind := row.get("InstanceType"), str) and kind in wanted:
            offers.setdefault(kind, SpotOffer(_share(row.get("NonProtectSpotDiscount")), _stock(row)))
    return offers


def _share(value: Any) -> float | None:
    """A share of the price; None for what is none: in which scale PAI tells it is not documented."""
    is_share = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1
    return float(value) if is_share else None


def _stock(row: Mapping[str, Any]) -> bool | None:
    return {"WithStock": True, "NoStock": False}.get(str(row.get("SpotStockStatus")))


def _known(
    rows: Iterable[Mapping[str, Any]],
    wanted: Collection[str],
    read: Callable[[Mapping[str, Any]], int | None],
) -> dict[str, int]:
    """The number of each wanted type that all of its rows tell; of several the greatest."""
    told: dict[str, list[int | None]] = {kind: [] for kind in wanted}
    for row in rows:
        if isinstance(kind := row.get("InstanceType"), str) and kind in told:
            told[kind].append(read(row))
    return {
        kind: max(filter(None, counts), default=0)
        for kind, counts in told.items()
        if counts and None not in counts
    }


def _accelerators(row: Mapping[str, Any]) -> int | None:
    """The whole accelerators of an instance type; None when the row does not tell them."""
    number = _count(row.get("Gpu"))
    return number or (number if row.get("AcceleratorType") in _WITHOUT else None)


def _cpus(row: Mapping[str, Any]) -> int | None:
    """The CPUs of an instance type, which none is without; None when the row does not tell them."""
    return _count(row.get("Cpu")) or None


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
