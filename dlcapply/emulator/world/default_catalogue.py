"""What an emulator has on offer unless it is given another catalogue."""

from __future__ import annotations

from dlcapply.emulator.world.catalogue import Catalogue, CodeSource, Dataset, Image, InstanceType, Quota

_ECS = (
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

_LINGJUN = (
    InstanceType(
        "ml.gu7xf.c96m1600.8-gu108", 96, 1600, 8, "GU108", 96, "Lingjun", stock=4, spot_discount=0.5
    ),
    InstanceType("ml.gu8xf.8xlarge-gu108", 192, 1024, 8, "GU108", 96, "Lingjun", stock=0, spot_discount=0.5),
)

_QUOTAS = (
    Quota("quota1a2b3c4d5e6", "research-gpu", cpu=512, memory=4096, gpu=32),
    Quota("quota6f5e4d3c2b1", "production-gpu", cpu=1024, memory=8192, gpu=64),
    Quota("quotalj7f8g9h0i1", "lingjun-train", cpu=2048, memory=16_384, gpu=64, resource_type="Lingjun"),
)

_REGISTRY = "dsw-registry-vpc.cn-hangzhou.cr.aliyuncs.com/pai"


def _official(number: int, framework: str, tag: str, *, chip: str, python: str) -> Image:
    """An official image, with the labels that its kind has."""
    repository = framework.lower()
    labels = {
        "system.official": "true",
        "system.supported.dlc": "true",
        "system.chipType": chip,
        "system.framework": framework,
        "system.pythonVersion": python,
    }
    return Image(
        f"image-{number:016x}",
        f"{repository}:{tag}",
        f"{_REGISTRY}/{repository}:{tag}",
        labels,
        description=f"{framework} for {chip}",
    )


_OFFICIAL = (
    _official(1, "PyTorch", "2.3.1-gpu-py311-cu121-ubuntu22.04", chip="GPU", python="3.11"),
    _official(2, "PyTorch", "2.3.1-cpu-py311-ubuntu22.04", chip="CPU", python="3.11"),
    _official(3, "PyTorch", "2.1.2-gpu-py310-cu118-horovod-ubuntu22.04", chip="GPU", python="3.10"),
    _official(4, "TensorFlow", "2.14.1-gpu-py310-cu118-ubuntu22.04", chip="GPU", python="3.10"),
    _official(5, "TensorFlow", "2.14.1-cpu-py310-ubuntu22.04", chip="CPU", python="3.10"),
    _official(6, "Ray", "2.34.0-gpu-py310-cu121-ubuntu22.04", chip="GPU", python="3.10"),
    _official(7, "XGBoost", "1.7.6-cpu-py310-ubuntu22.04", chip="CPU", python="3.10"),
)
_CUSTOM = (
    Image(
        "image-c0ffee0000000001",
        "vision-train",
        "vision-registry.cn-hangzhou.cr.aliyuncs.com/team/train:1.4",
        {"system.supported.dlc": "true", "system.chipType": "GPU"},
        workspace_id="1001",
        accessibility="PRIVATE",
        description="the vision team's own",
    ),
    Image(
        "image-c0ffee0000000002",
        "speech-train",
        "speech-registry.cn-hangzhou.cr.aliyuncs.com/team/train:2.0",
        {"system.supported.dlc": "true", "system.chipType": "GPU"},
        workspace_id="1002",
    ),
)

_DATASETS = (
    Dataset("d-7u2k9q4mfx31vb8e0z", "imagenet", "oss://vision-data.oss-cn-hangzhou.aliyuncs.com/imagenet/"),
    Dataset("d-b6m0x5v2re94tq1w8j", "tiles", "oss://vision-data.oss-cn-hangzhou.aliyuncs.com/tiles/"),
    Dataset(
        "d-cn9dl2yaucx8fe1nqh",
        "checkpoints",
        "nas://0123abcd45.cn-hangzhou/checkpoints/",
        source_type="NAS",
        mount_path="/mnt/checkpoints/",
    ),
    Dataset(
        "d-h4t1c9p7sz62ny0g3u",
        "clicks",
        "cpfs://cpfs-0123abcd45.cn-hangzhou/clicks/",
        source_type="CPFS",
        mount_path="/mnt/clicks/",
        mount_access="RO",
    ),
    Dataset("d-k3f8w1zq6y0n5c2h9t", "speech", "oss://speech-data.oss-cn-hangzhou.aliyuncs.com/"),
    Dataset(
        "d-p0r1d2u3c4t5i6o7n8",
        "production-models",
        "oss://production-data.oss-cn-hangzhou.aliyuncs.com/models/",
        workspace_id="1002",
    ),
)

_CODE_SOURCES = (
    CodeSource("code-20260107170812-p1s6v3y8", "platform", "https://git.example.com/platform/jobs.git"),
    CodeSource(
        "code-20260114093021-m4k7x2p9",
        "imaging",
        "https://git.example.com/vision/imaging.git",
        access_token="not-a-secret",  # noqa: S106 - it is not
    ),
    CodeSource(
        "code-20260219080045-r5b2j9d7",
        "recsys",
        "https://git.example.com/recsys/models.git",
        branch="release",
        commit="4f2d1c9b8a7e6f5d4c3b2a190817263544536271",
    ),
    CodeSource("code-20260302141500-t8w3c6n1", "detection", "https://git.example.com/vision/detection.git"),
    CodeSource(
        "code-20221103114421-h1x0vqa1", "legacy", "https://git.example.com/legacy.git", workspace_id="1002"
    ),
)

CATALOGUE = Catalogue(
    instance_types=(*_ECS, *_LINGJUN),
    quotas=_QUOTAS,
    images=(*_OFFICIAL, *_CUSTOM),
    datasets=_DATASETS,
    code_sources=_CODE_SOURCES,
)
