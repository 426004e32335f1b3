"""`passthrough`: keys that are newer than the schema."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dlcapply.manifest.answers import is_answered
from dlcapply.manifest.findings import finding
from dlcapply.manifest.levels import PASSTHROUGH
from dlcapply.manifest.nodes import Node, get, items, string, without_indices
from dlcapply.manifest.schemas import knows
from dlcapply.model import Finding, Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def passed_through(findings: Iterable[Finding], manifest: Node) -> Iterator[Finding]:
    """The findings, where a key that the manifest passes through is no error but a warning."""
    allowed = passed(manifest)
    for item in findings:
        path = without_indices(item.path)
        if item.rule == "unknown-key" and path in allowed:
            message = f"{path} is not known to the schema and is sent as written"
            yield replace(item, rule=PASSTHROUGH, level=Level.WARNING, message=message, hint="")
        else:
            yield item


def passed(manifest: Node) -> set[str]:
    """The paths, from the top, of the keys that the manifest passes through; answers' keys are none."""
    paths = {_path(node) for node in items(get(manifest, "passthrough"))}
    return {path for path in paths if not is_answered(path)}


def needless(manifest: Node) -> Iterator[Finding]:
    """A finding for each entry that the schema knows, or that only answers have."""
    for index, node in enumerate(items(get(manifest, "passthrough"))):
        if is_answered(_path(node)):
            message = f"{string(node)} is a key of PAI's answers, which CreateJob does not take"
            yield finding("passthrough-known", message, node, ("passthrough", index), hint="leave it out")
        elif isinstance(node.value, str) and knows(_path(node).split(".")):
            message = f"{node.value} is known to the schema, which checks it"
            path = ("passthrough", index)
            yield finding("passthrough-known", message, node, path, hint="remove it from passthrough")


def _path(node: Node) -> str:
    return f"spec.{string(node).replace('[]', '')}"
