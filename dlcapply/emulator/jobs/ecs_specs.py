"""ListEcsSpecs: the instance types on offer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dlcapply.emulator.answers import JsonObject, invalid

if TYPE_CHECKING:
    from dlcapply.emulator.call import Call
    from dlcapply.emulator.world.catalogue import InstanceType


_SORT_KEYS = {"CPU": "Cpu", "GPU": "Gpu", "Memory": "Memory", "GmtCreateTime": "InstanceType"}


def list_ecs_specs(call: Call) -> JsonObject:
    """A page of them; SortBy is documented, but refused (Alibaba's own skill for PAI-DLC)."""
    if call.query.get("SortBy") and not call.switches.sort_ecs_specs:
        raise invalid("SortBy is not supported.")
    rows = [row for row in map(_spec_row, call.world.catalogue.instance_types) if _is_wanted(row, call)]
    if call.query.get("SortBy"):
        if call.query["SortBy"] not in _SORT_KEYS:
            raise invalid(f"SortBy must be one of {', '.join(_SORT_KEYS)}.")
        key = _SORT_KEYS[call.query["SortBy"]]
        rows.sort(key=lambda row: row[key], reverse=call.query.get("Order") != "asc")
    return {"EcsSpecs": call.page(rows, default=10), "TotalCount": len(rows)}


def _is_wanted(row: JsonObject, call: Call) -> bool:
    names = call.query.get("InstanceTypes")
    accelerator, resource = (call.query.get(key) for key in ("AcceleratorType", "ResourceType"))
    return (
        accelerator in {None, "", row["AcceleratorType"]}
        and resource in {None, "", row["ResourceType"]}
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
        "IsAvailable": kind.stock != 0,
        "ResourceType": kind.resource_type,
        "PaymentTypes": [json.dumps(["PostPaid"] if kind.spot_discount is None else ["Spot", "PostPaid"])],
    }
    if kind.spot_discount is not None:
        row["SpotStockStatus"] = "NoStock" if kind.stock == 0 else "WithStock"
        row["NonProtectSpotDiscount"] = kind.spot_discount
    if kind.gpu:
        row |= {
            "GpuType": kind.gpu_type,
            "GpuMemory": kind.gpu_memory,
            "DefaultGPUDriver": "535.54.03",
            "SupportedGPUDrivers": [json.dumps(["470.199.02", "535.54.03", "550.127.08"])],
        }
    return row
