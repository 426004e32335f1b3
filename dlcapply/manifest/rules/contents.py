"""The manifest as a whole: its names, its variables, its size, and what PAI would ignore."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.manifest.job import MAX_BYTES
from dlcapply.manifest.nodes import Node, entries, get, items, string
from dlcapply.manifest.rules.rule import Found, Problem, Rule, Subject
from dlcapply.model.findings import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

_LARGE_BYTES = 60_000
_SIZE_HINT = "move long commands into the image or a code source"

# Keys that PAI documents as unsupported, deprecated or misspelt (SDK, CreateJobRequest and JobSpec), and what
# to write instead.
_IGNORED = {
    "ElasticSpec": "leave it out; AutoScalingSpec of a role changes the number of its pods",
    "DebuggerConfigContent": "leave it out",
}
_IGNORED_OF_ROLES = {"IsCheif": "write IsChief", "UseSpotInstance": "write SpotSpec"}


def _display_name(subject: Subject) -> Iterator[Problem]:
    written = get(subject.spec, "DisplayName")
    name = string(get(subject.document, "metadata", "name"))
    if written and name and string(written) not in {"", name}:
        message = f"DisplayName differs from metadata.name, which is {name}"
        yield Problem(message, written, ("spec", "DisplayName"), "leave DisplayName out")


def _workspace(subject: Subject) -> Iterator[Problem]:
    written = get(subject.spec, "WorkspaceId")
    here = subject.environment
    if written and here and string(written) not in {"", here.workspace_id}:
        name, workspace = here.name, here.workspace_id
        message = f"WorkspaceId differs from the environment {name}, which says {workspace}"
        yield Problem(message, written, ("spec", "WorkspaceId"), "leave WorkspaceId out")


def _names_twice(subject: Subject) -> Iterator[Problem]:
    seen: dict[str, Node] = dict(entries(get(subject.spec, "Envs")))
    for index, item in enumerate(items(get(subject.document, "envFrom"))):
        node = get(item, "name")
        if node and (name := string(node)):
            if name in seen:
                message = f"the variable {name} is already set at {seen[name].key_place}"
                yield Problem(message, node, ("envFrom", index, "name"), "keep one of the two")
            seen.setdefault(name, node)


def _too_large(subject: Subject) -> Iterator[Problem]:
    if subject.spec and subject.size > MAX_BYTES:
        message = f"the job takes {subject.size:,} bytes, and PAI accepts {MAX_BYTES:,} beside our marks"
        yield Problem(message, subject.spec, ("spec",), _SIZE_HINT, at_key=True)


def _nearly_too_large(subject: Subject) -> Iterator[Problem]:
    if subject.spec and _LARGE_BYTES <= subject.size <= MAX_BYTES:
        size = f"{subject.size:,} of the {MAX_BYTES:,} bytes"
        message = f"the job takes {size} that PAI accepts beside our marks"
        yield Problem(message, subject.spec, ("spec",), _SIZE_HINT, at_key=True)


def _template(subject: Subject) -> Iterator[Problem]:
    node = get(subject.spec, "TemplateVersion")
    if node and not string(get(subject.spec, "TemplateId")):
        message, hint = "TemplateVersion needs TemplateId", "name the template too"
        yield Problem(message, node, ("spec", "TemplateVersion"), hint, at_key=True)


def _ignored(subject: Subject) -> Iterator[Problem]:
    for path, node in _ignored_keys(subject):
        key = str(path[-1])
        hint = _IGNORED.get(key) or _IGNORED_OF_ROLES.get(key) or "leave it out: only UpdateJob reads it"
        yield Problem(f"PAI ignores {key}", node, path, hint, at_key=True)


def _ignored_keys(subject: Subject) -> Iterator[Found]:
    for key in _IGNORED:
        if node := get(subject.spec, key):
            yield ("spec", key), node
    for path, role in subject.roles:
        for key in _IGNORED_OF_ROLES:
            if node := get(role, key):
                yield (*path, key), node
        if node := get(role, "AutoScalingSpec", "PodsToDelete"):
            yield (*path, "AutoScalingSpec", "PodsToDelete"), node


RULES = (
    Rule("display-name", _display_name),
    Rule("workspace-id", _workspace),
    Rule("duplicate-variable", _names_twice),
    Rule("body-too-large", _too_large),
    Rule("body-nearly-too-large", _nearly_too_large, Level.WARNING),
    Rule("template-version-without-id", _template),
    Rule("ignored-key", _ignored, Level.WARNING),
)
