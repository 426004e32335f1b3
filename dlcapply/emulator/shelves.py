"""The catalogue that the emulator has unless it is given another."""

from __future__ import annotations

from dlcapply.emulator.catalogue import Catalogue, InstanceType, Quota

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

QUOTAS = (
    Quota("quota1a2b3c4d5e6", "research-gpu", cpu=512, memory=4096, gpu=32),
    Quota("quotalj7f8g9h0i1", "lingjun-train", cpu=2048, memory=16_384, gpu=64, resource_type="Lingjun"),
)

CATALOGUE = Catalogue(instance_types=INSTANCE_TYPES, quotas=QUOTAS)
