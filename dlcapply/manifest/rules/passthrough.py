"""`passthrough`: keys, and values of closed lists, that are newer than the schema and the rules."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dlcapply.manifest.findings import finding, has_errors
from dlcapply.manifest.nodes import Node, dotted, get, items, string, without_indices
from dlcapply.manifest.rules.levels import PASSTHROUGH
from dlcapply.manifest.schema.answer_keys import is_answered
from dlcapply.manifest.schema.shipped import JOB, has_key, unexplained, validator
from dlcapply.model.findings import Level

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from jsonschema_rs import ValidationError as Refusal

    from dlcapply.model.findings import Finding

_ROLE = "spec.JobSpecs.Type"


def with_passthrough(findings: Iterable[Finding], manifest: Node, value: Any) -> Iterator[Finding]:
    """The findings, with a warning in place of each error about what the manifest passes through.

    `value` is the manifest without its places. An entry that lets nothing through is a finding too.
    """
    if not items(get(manifest, "passthrough")):
        yield from findings
        return
    allowed = passed_paths(manifest)
    refusals = tuple(validator(JOB).refusals(value))
    words = {dotted(item.instance_path) for item in refusals if _is_word(item)}
    result = tuple(_passed(item, allowed, words) for item in findings)
    others = [item for item in refusals if not _is_spared(item, allowed)]
    yield from result
    if others and not has_errors(result):
        yield unexplained(others[0], manifest)
    yield from _needless(
        manifest, {without_indices(item.path) for item in result if item.rule == PASSTHROUGH}
    )


def passed_paths(manifest: Node) -> set[str]:
    """The paths, from the top, of what the manifest passes through; keys of PAI's answers never are."""
    paths = {_path(node) for node in items(get(manifest, "passthrough"))}
    return {path for path in paths if not is_answered(path)}


def _passed(item: Finding, allowed: Collection[str], words: Collection[str]) -> Finding:
    """The finding, as a warning where a key, or a word of a closed list, may be newer than the schema.

    Numbers and forms stay checked: limits and spend are counted by them.
    """
    path = without_indices(item.path)
    is_word = (item.rule == "value" and item.path in words) or (item.rule, path) == ("role", _ROLE)
    if path not in allowed or not (is_word or item.rule == "unknown-key"):
        return item
    known = f"this value of {path} is not known" if is_word else f"{path} is not known to the schema"
    message = f"{known} and is sent as written"
    return replace(item, rule=PASSTHROUGH, level=Level.WARNING, message=message, hint="")


def _is_word(refusal: Refusal) -> bool:
    from jsonschema_rs import ValidationErrorKind

    return isinstance(refusal.kind, ValidationErrorKind.Enum) and isinstance(refusal.instance, str)


def _is_spared(refusal: Refusal, allowed: Collection[str]) -> bool:
    from jsonschema_rs import ValidationErrorKind

    path = without_indices(dotted(refusal.instance_path))
    match refusal.kind:
        case ValidationErrorKind.AdditionalProperties(unexpected=keys):
            return all(f"{path}.{key}" in allowed for key in keys)
    return _is_word(refusal) and path in allowed


def _needless(manifest: Node, passed: Collection[str]) -> Iterator[Finding]:
    """A finding for each entry that only answers have, or that the schema knows and let nothing through."""
    for index, node in enumerate(items(get(manifest, "passthrough"))):
        path = _path(node)
        if is_answered(path):
            message = f"{string(node)} is a key of PAI's answers, which CreateJob does not take"
            yield finding("passthrough-known", message, node, ("passthrough", index), hint="leave it out")
        elif isinstance(node.value, str) and path not in passed and has_key(path.split(".")):
            message = f"{node.value} is known to the schema, which checks it"
            where = ("passthrough", index)
            yield finding("passthrough-known", message, node, where, hint="remove it from passthrough")


def _path(node: Node) -> str:
    return f"spec.{string(node).replace('[]', '')}"
