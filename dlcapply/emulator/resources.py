"""The instance types on offer, and what a job asks of them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dlcapply.emulator.answers import JsonObject


class InstanceType(NamedTuple):
    """Sizes of an ECS instance type; memory in GiB, per GPU for `gpu_memory`."""

    name: str
    cpu: int
    memory: int
    gpu: int = 0
    gpu_type: str = ""
    gpu_memory: int = 0


INSTANCE_TYPES = (
    InstanceType("ecs.c6.large", 2, 4),
    InstanceType("ecs.c6.2xlarge", 8, 16),
    InstanceType("ecs.g6.large", 2, 8),
    InstanceType("ecs.g6.xlarge", 4, 16),
    InstanceType("ecs.g6.2xlarge", 8, 32),
    InstanceType("ecs.g6.8xlarge", 32, 128),
    InstanceType("ecs.gn6i-c4g1.xlarge", 4, 15, 1, "NVIDIA T4", 16),
    InstanceType("ecs.gn6i-c24g1.12xlarge", 48, 186, 2, "NVIDIA T4", 16),
    InstanceType("ecs.gn6v-c8g1.2xlarge", 8, 32, 1, "NVIDIA V100", 16),
    InstanceType("ecs.gn6v-c8g1.16xlarge", 64, 256, 8, "NVIDIA V100", 16),
    InstanceType("ecs.gn6e-c12g1.3xlarge", 12, 92, 1, "NVIDIA V100", 32),
    InstanceType("ecs.gn6e-c12g1.24xlarge", 96, 736, 8, "NVIDIA V100", 32),
    InstanceType("ecs.gn7i-c8g1.2xlarge", 8, 30, 1, "NVIDIA A10", 24),
    InstanceType("ecs.gn7i-c16g1.4xlarge", 16, 60, 1, "NVIDIA A10", 24),
    InstanceType("ecs.gn7i-c32g1.8xlarge", 32, 188, 1, "NVIDIA A10", 24),
    InstanceType("ecs.gn7i-c32g1.16xlarge", 64, 376, 2, "NVIDIA A10", 24),
    InstanceType("ecs.gn7i-c32g1.32xlarge", 128, 752, 4, "NVIDIA A10", 24),
    InstanceType("ecs.gn7e-c16g1.4xlarge", 16, 125, 1, "NVIDIA A100", 80),
    InstanceType("ecs.gn7e-c16g1.32xlarge", 128, 1000, 8, "NVIDIA A100", 80),
)
_BY_NAME = {kind.name: kind for kind in INSTANCE_TYPES}
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def requested(specs: Iterable[JsonObject]) -> tuple[int, float, float]:
    """CPU cores, GPUs and GiB of memory of all pods; types nobody knows count as nothing."""
    sizes = [_size(spec) for spec in specs]
    cpu, gpu, memory = (sum(column) for column in zip(*sizes, strict=True))
    return int(cpu), gpu, memory


def _size(spec: JsonObject) -> tuple[float, float, float]:
    pods = spec["PodCount"]
    if config := spec.get("ResourceConfig"):
        cpu, gpu, memory = (_number(config.get(key)) for key in ("CPU", "GPU", "Memory"))
    else:
        kind = _BY_NAME.get(spec.get("EcsSpec", ""), InstanceType("", 0, 0))
        cpu, gpu, memory = kind.cpu, kind.gpu, kind.memory
    return pods * cpu, pods * gpu, pods * memory


def _number(text: str | None) -> float:
    """The number in `10Gi`; sizes here are for show."""
    found = _NUMBER.match(text or "")
    return float(found[0]) if found else 0.0


def spec_row(kind: InstanceType) -> JsonObject:
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
