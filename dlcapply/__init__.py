"""Declarative applier of YAML job manifests for Alibaba Cloud PAI-DLC."""

__version__ = "0.1.0"
