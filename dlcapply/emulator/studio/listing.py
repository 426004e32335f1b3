"""What the lists of PaiStudio have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.call import Call
    from dlcapply.emulator.jobs.demand import Demand


def one_of(call: Call, name: str, value: str) -> bool:
    """Whether the value is among those that the query names, separated by commas; true if it names none."""
    wanted = call.query.get(name, "")
    return not wanted or value in [one.strip() for one in wanted.split(",")]


def amount(demand: Demand) -> JsonObject:
    """Sizes in the form that quotas and their queues have them: each a text (ResourceAmount)."""
    return {"CPU": f"{demand.cpu:g}", "GPU": f"{demand.gpu:g}", "Memory": f"{demand.memory:g}Gi"}
