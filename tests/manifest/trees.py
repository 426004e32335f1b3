"""Working folders with manifests in them."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from dlcapply.manifest.load import Loaded, LoadRequest, load

PROJECT = """
    apiVersion: dlcapply/v1
    kind: Project
    metadata: {name: vision}
    manifests: ["jobs/**/*.yaml"]
"""
LOCAL = """
    environments:
      local: {region: cn-hangzhou, workspaceId: "1001"}
"""
MANIFEST = """
    apiVersion: dlcapply/v1
    kind: Job
    metadata: {name: NAME}
    spec:
      JobType: PyTorchJob
      JobMaxRunningTimeMinutes: 60
      UserCommand: python train.py
      JobSpecs:
        - {Type: Worker, PodCount: 1, EcsSpec: ecs.c6.large, Image: "registry.example.com/train:1"}
"""


def text(*parts: str) -> str:
    """The parts in a row; a block that starts on a new line loses its margin."""
    return "".join(dedent(part)[1:] if part.startswith("\n") else part for part in parts)


def manifest(name: str = "train", *more: str) -> str:
    return text(MANIFEST.replace("NAME", name), *more)


class Tree:
    """A working folder with files in it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def project(self, *more: str) -> Path:
        return self.write("dlcapply.yaml", text(PROJECT, *(more or (LOCAL,))))

    def load(self, *paths: str, stdin: str | bytes = b"", **asked) -> Loaded:
        given = stdin if isinstance(stdin, bytes) else stdin.encode()
        return load(LoadRequest(paths=paths, stdin=given, **asked))


def rules(loaded: Loaded) -> list[tuple[str, str]]:
    """Each finding as its rule and its place."""
    return [(item.rule, str(item.place)) for item in loaded.findings]
