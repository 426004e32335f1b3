"""ListEcsSpecs: the instance types on offer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dlcapply.emulator.answers import JsonObject, invalid

if TYPE_CHECKING:
    from dlcapply.emulator.call import Call
    from dlcapply.emulator.catalogue import InstanceType


def list_ecs_specs(call: Call) -> JsonObject:
    """Instance types on offer; SortBy is documented, but refused (Alibaba's own skill for PAI-DLC)."""
    if "SortBy" in call.query and not call.switches.sort_ecs_specs:
        raise invalid("SortBy is not supported.")
    rows = [row for row in map(_spec_row, call.world.catalogue.instance_types) if _is_wanted(row, call)]
    return {"EcsSpecs": call.page(rows, default=10), "TotalCount": len(rows)}


def _is_wanted(row: JsonObject, call: Call) -> bool:
    names = call.query.get("InstanceTypes")
    return (
        call.query.get("AcceleratorType", row["AcceleratorType"]) == row["AcceleratorType"]
        and call.query.get("ResourceType", row["ResourceType"]) == row["ResourceType"]
        and (not names or row["InstanceType"] in names.split(","))
    )


def _spec_row(kind: InstanceType) -> JsonObject:
    """A row of ListEcsSpecs; its lists hold one string of JSON each, as in the API's own example."""
    row: JsonObject = {
        "InstanceType": kind.name,
        "AcceleratorType": "GPU" if kind.gpu else "CPU",
        "Cpu": kind.cpu,
        "Memory": kind.memory,
        "Gpu": kind.gpu,
        "IsAvailable": True,
        "ResourceType": "ECS",
        "PaymentTypes": [json.dumps(["Spot", "PostPaid"])],
        "SpotStockStatus": "WithStock",
        "NonProtectSpotDiscount": 0.1,
    }
    if kind.gpu:
        row |= {
            "GpuType": kind.gpu_type,
            "GpuMemory": kind.gpu_memory,
            "DefaultGPUDriver": "535.54.03",
            "SupportedGPUDrivers": [json.dumps(["470.199.02", "535.54.03", "550.127.08"])],
        }
    return row
