"""What is mounted, and where."""

from __future__ import annotations

import json
import re
from itertools import chain
from typing import TYPE_CHECKING

from dlcapply.manifest.compose.list_keys import mount_point
from dlcapply.manifest.nodes import Node, get, string
from dlcapply.manifest.rules.rule import Found, Problem, Rule, Subject, exactly_one, numbered
from dlcapply.model.findings import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# oss://bucket.oss-REGION[-internal].aliyuncs.com/…, nas://id.REGION/… (API metadata, DataSources examples)
_OSS_REGION = re.compile(r"oss://[^/]+\.oss-([a-z0-9-]+?)(?:-internal)?\.aliyuncs\.com(?:/|$)")
_JSON_EXAMPLES = {
    "Options": '{"fs.oss.download.thread.concurrency": "4"}',
    "RoleChain": '[{"roleType": "service", "roleArn": "acs:ram::1234567890123456:role/dlc-data"}]',
}
_NAS_REGION = re.compile(r"nas://[^/.]+\.([a-z]+-[a-z0-9-]+)(?:/|$)")


def _locations(subject: Subject) -> Iterator[Problem]:
    hint = "DataSourceId for a registered dataset, Uri for a location"
    return exactly_one(subject.data_sources, "DataSourceId", "Uri", hint)


def _mount_collisions(subject: Subject) -> Iterator[Problem]:
    """Two mounts of one pod at one path; what PAI does then is not documented."""
    shared = list(_mounts([*subject.data_sources, *_code_source(subject)]))
    yield from _repeated(shared)
    for path, role in subject.roles:
        local = list(_mounts(numbered(get(role, "LocalMountSpecs"), (*path, "LocalMountSpecs"))))
        inside = {item_path for item_path, _ in local}
        yield from (item for item in _repeated([*shared, *local]) if item.path in inside)


def _code_source(subject: Subject) -> list[Found]:
    node = get(subject.spec, "CodeSource")
    return [(("spec", "CodeSource"), node)] if node and isinstance(node.value, dict) else []


def _mounts(found: Iterable[Found]) -> Iterator[Found]:
    for path, item in found:
        if (node := get(item, "MountPath")) and string(node):
            yield (*path, "MountPath"), node


def _repeated(mounts: Iterable[Found]) -> Iterator[Problem]:
    first: dict[str, Node] = {}
    for path, node in mounts:
        target = mount_point(string(node))
        if target in first:
            message = f"something is already mounted at {target}, see {first[target].place}"
            yield Problem(message, node, path, "mount each at a path of its own")
        first.setdefault(target, node)


def _block_devices(subject: Subject) -> Iterator[Problem]:
    """A block device has no path of its own on the node (API page, LocalMountSpec)."""
    for path, role in subject.roles:
        for inner, mount in numbered(get(role, "LocalMountSpecs"), (*path, "LocalMountSpecs")):
            node = get(mount, "LocalPath")
            if node and string(get(mount, "MountMode")) == "Block":
                hint = "leave LocalPath out, or write MountMode: Filesystem"
                message = "LocalPath is not allowed beside MountMode: Block"
                yield Problem(message, node, (*inner, "LocalPath"), hint, at_key=True)


def _unnamed_code(subject: Subject) -> Iterator[Problem]:
    for path, node in _code_source(subject):
        if node.value and not string(get(node, "CodeSourceId")):
            hint = "register the repository in the workspace, and give its id"
            yield Problem("CodeSource needs CodeSourceId", node, path, hint, at_key=True)


def _json_texts(subject: Subject) -> Iterator[Problem]:
    """Both are JSON in a string (SDK, CreateJobRequestDataSources)."""
    for path, source in subject.data_sources:
        for key, example in _JSON_EXAMPLES.items():
            node = get(source, key)
            if node and (text := string(node)) and not _is_json(text):
                message = f"{key} of a data source must be JSON, in a string"
                yield Problem(message, node, (*path, key), f"for example {example}")


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict | list)
    except (ValueError, RecursionError):
        return False


def _regions(subject: Subject) -> Iterator[Problem]:
    here = subject.environment.region if subject.environment else ""
    for path, source in subject.data_sources if here else ():
        node = get(source, "Uri")
        there = next(chain(_OSS_REGION.findall(string(node)), _NAS_REGION.findall(string(node))), here)
        if node and there != here:
            message = f"this storage is in {there}, and the job runs in {here}"
            hint = "reading across regions is slow and costs traffic: copy the data, or run there"
            yield Problem(message, node, (*path, "Uri"), hint)


RULES = (
    Rule("uri-xor-data-source-id", _locations),
    Rule("duplicate-mount-path", _mount_collisions, disputed=True),
    Rule("local-path-with-block", _block_devices),
    Rule("code-source-without-id", _unnamed_code),
    Rule("json-text", _json_texts, disputed=True),
    Rule("storage-region", _regions, Level.WARNING),
)
