"""Facts about PAI's CreateJob that manifests and plans both rest on, each in one table with its source.

`manifest` and `planning` don't import each other, so what both have to know stands below them. How PAI treats
each single field is known to plans alone: `planning/fields.py`.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# What UpdateJob changes in a run that is there already, in some of its statuses (SDK, UpdateJob; when, and
# how that is known, is in the rows of planning/fields.py). Marks can't follow such a change, so no
# fingerprint holds such a field; a mark of its own says which of them the manifest set.
IN_PLACE = ("Accessibility", "Description", "Priority")

_POD = "JobSpecs[].ExtraPodSpec"

# Lists of structs whose order PAI need not keep, by their path, with what tells their items apart: the key
# (SDK, CreateJobRequest) and, where an item lacks it, what stands for it. The order of a container's Env
# matters only to a `$(NAME)` within a value, which refers to a variable above it (Kubernetes, EnvVar).
KEYED_LISTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "JobSpecs": ("Type",),
        "DataSources": ("MountPath", "DataSourceId", "Uri"),
        "CustomEnvs": ("Key",),
        "CredentialConfig.CredentialConfigItems": ("Key",),
        "JobSpecs[].AssignNodeSpec.AntiAffinityHyperNodes": ("HyperNodeName",),
        "JobSpecs[].AssignNodeSpec.HyperNodes": ("HyperNodeName",),
        "JobSpecs[].ElasticSpotSpecs": ("InstanceType",),
        "JobSpecs[].LocalMountSpecs": ("MountPath",),
        "JobSpecs[].StartupDependencies": ("Type",),
        f"{_POD}.SideCarContainers": ("Name",),
        f"{_POD}.InitContainers[].Env": ("Name",),
        f"{_POD}.SideCarContainers[].Env": ("Name",),
    }
)

# The console's clone writes this tag, and carries the others along (DLC client documentation).
CLONE_TAG = "CloneFromJobID"
