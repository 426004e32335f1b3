"""The kinds of things that jobs refer to: images, datasets, code sources, quotas, instance types."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class InstanceType:
    """Sizes of an instance type; memory in GiB, per GPU for `gpu_memory`.

    `stock` is how many there are for all jobs together, None for enough. `spot_discount` is the part of the
    full price that a spot bid must reach now; None where the type is not sold as spot.
    """

    name: str
    cpu: int
    memory: int
    gpu: int = 0
    gpu_type: str = ""
    gpu_memory: int = 0
    resource_type: Literal["ECS", "Lingjun"] = "ECS"
    stock: int | None = None
    spot_discount: float | None = 0.1


@dataclass(frozen=True, slots=True)
class Quota:
    """Resources that belong to the user, by the id that jobs name as ResourceId; memory in GiB.

    Jobs wait in the order of their Priority, then of their age, until all of their pods fit. `workspaces` are
    those that the quota is attached to, None for all; jobs of others are taken all the same.
    """

    quota_id: str
    name: str
    cpu: float
    memory: float
    gpu: float = 0
    resource_type: Literal["ECS", "Lingjun"] = "ECS"
    workspaces: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """An image; an official one belongs to no workspace."""

    image_id: str
    name: str
    uri: str
    labels: Mapping[str, str] = field(default_factory=dict)
    workspace_id: str = ""
    accessibility: Literal["PUBLIC", "PRIVATE"] = "PUBLIC"
    description: str = ""
    size_gb: int = 8


@dataclass(frozen=True, slots=True)
class Dataset:
    """Data that a job may mount by id."""

    dataset_id: str
    name: str
    uri: str
    source_type: Literal["OSS", "NAS", "CPFS"] = "OSS"
    mount_path: str = "/mnt/data/"
    mount_access: Literal["RO", "RW"] = "RW"
    workspace_id: str = "1001"
    accessibility: Literal["PUBLIC", "PRIVATE"] = "PUBLIC"
    description: str = ""
    version: str = "v1"


@dataclass(frozen=True, slots=True)
class CodeSource:
    """A repository that a job may have cloned by id; `access_token` is a secret that the service masks."""

    code_source_id: str
    name: str
    repo: str
    branch: str = "main"
    commit: str = ""
    mount_path: str = "/root/code/"
    workspace_id: str = "1001"
    accessibility: Literal["PUBLIC", "PRIVATE"] = "PUBLIC"
    description: str = ""
    access_token: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All that jobs may refer to."""

    instance_types: tuple[InstanceType, ...] = ()
    quotas: tuple[Quota, ...] = ()
    images: tuple[Image, ...] = ()
    datasets: tuple[Dataset, ...] = ()
    code_sources: tuple[CodeSource, ...] = ()

    def instance_type(self, name: str) -> InstanceType | None:
        return next((one for one in self.instance_types if one.name == name), None)

    def quota(self, quota_id: str) -> Quota | None:
        return next((one for one in self.quotas if one.quota_id == quota_id), None)

    def dataset(self, dataset_id: str) -> Dataset | None:
        return next((one for one in self.datasets if one.dataset_id == dataset_id), None)

    def code_source(self, code_source_id: str) -> CodeSource | None:
        return next((one for one in self.code_sources if one.code_source_id == code_source_id), None)

    def image(self, uri: str) -> Image | None:
        return next((one for one in self.images if one.uri == uri), None)
