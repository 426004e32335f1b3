"""What the lists of AIWorkSpace have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.emulator.clock import milliseconds, read_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.call import Call

CREATED = milliseconds(read_time("2026-01-05T08:00:00Z"))  # of everything in a catalogue
CREATION = "GmtCreateTime"
OWNER = "1000000000000001"


def one_of(call: Call, name: str, value: str) -> bool:
    """Whether the value is among those that the query names, separated by commas; true if it names none."""
    wanted = call.query.get(name, "")
    return not wanted or value in [one.strip() for one in wanted.split(",")]


def contains(call: Call, name: str, value: str) -> bool:
    """Whether the text that the query names is a part of the value, in any case."""
    return call.query.get(name, "").lower() in value.lower()


def sorted_page(call: Call, key: str, rows: Iterable[JsonObject], *, default: int) -> JsonObject:
    """The answer of a list: a page of the rows in the order asked for, and how many there are."""
    by, order = call.query.get("SortBy") or CREATION, call.query.get("Order", "")
    ordered = sorted(rows, key=lambda row: str(row.get(by, "")), reverse=order.upper() == "DESC")
    return {key: call.page(ordered, default=default), "TotalCount": len(ordered)}
