"""The project's policies: JSON Schemas that composed manifests must satisfy too."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from dlcapply.manifest.files import matching, shown
from dlcapply.manifest.findings import finding, one_line
from dlcapply.manifest.judging import Predicate, accepting, explaining
from dlcapply.manifest.levels import POLICY_PREFIX
from dlcapply.manifest.nodes import Node, deepest, plain
from dlcapply.manifest.reading import read_single
from dlcapply.manifest.wording import worded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jsonschema import ValidationError as Violation
    from jsonschema_rs import ValidationError

    from dlcapply.manifest.project import Project
    from dlcapply.model import Finding


# Every manifest is judged by each of them.
_MOST = 1_000
_MOST_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy, compiled; `rule` is the id its findings carry."""

    rule: str
    schema: Node
    accepts: Predicate


def read_policies(project: Project) -> tuple[tuple[Policy, ...], tuple[Finding, ...]]:
    """The project's policies, and a finding for each that is missing or broken."""
    policies: list[Policy] = []
    findings: list[Finding] = []
    matched = matching(project.root, project.policies, "policies", findings)
    hindered = bool(findings)
    known = set(chain.from_iterable(matched))
    if len(known) > _MOST or sum(map(_size, known)) > _MOST_BYTES:
        message = f"these are more than {_MOST:,} policies, or {_MOST_BYTES:,} bytes together"
        return (), (*findings, finding("policy-file", message, project.policies[0], "policies"))
    for index, (glob, paths) in enumerate(zip(project.policies, matched, strict=True)):
        if not paths and not hindered:
            findings.append(finding("policy-file", f"no file matches {glob.text}", glob, ("policies", index)))
        for path in paths:
            policy, found = _read(path)
            policies += [policy] if policy else []
            findings += found
    return tuple(policies), tuple(findings)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # to read it is a finding
        return 0


def _read(path: Path) -> tuple[Policy | None, tuple[Finding, ...]]:
    document, findings = read_single(path, shown(path))
    if document is None:
        return None, findings
    from jsonschema_rs import ValidationError

    try:
        accepts = accepting(plain(document))
    except ValidationError as error:
        return None, (_broken(error, document),)
    stem = path.name.removesuffix(path.suffix).removesuffix(".schema")
    return Policy(f"{POLICY_PREFIX}{stem}", document, accepts), ()


def _broken(error: ValidationError, document: Node) -> Finding:
    from jsonschema_rs import ValidationErrorKind

    message = "this is not a JSON Schema (2020-12)"
    if isinstance(error.kind, ValidationErrorKind.Referencing):
        message = "this policy refers to a schema that is not in it"
    return finding("policy-file", message, deepest(document, error.instance_path), error.instance_path)


def _with_paths(schema: Any) -> Any:
    """The schema with every forbidden property as `not: {}`: errors of plain `false` don't say where."""
    if isinstance(schema, list):
        return [_with_paths(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    changed = {key: _with_paths(value) for key, value in schema.items()}
    properties = changed.get("properties")
    if isinstance(properties, dict):
        changed["properties"] = {
            key: {"not": {}} if value is False else value for key, value in properties.items()
        }
    return changed


def violations(policy: Policy, document: Node, value: Any) -> Iterator[Finding]:
    """What the policy says against a composed document, in the policy's own words where it has any.

    `value` is the document without its places.
    """
    if policy.accepts(value):
        return
    from referencing.exceptions import Unresolvable

    try:
        for error in explaining(_with_paths(plain(policy.schema))).iter_errors(value):
            yield from _worded(policy, error, document)
    except (Unresolvable, RecursionError, re.error):
        message = "this policy can't be followed: it refers to itself, or Python can't read a pattern of it"
        yield finding("policy-file", message, policy.schema)


def _worded(policy: Policy, error: Violation, document: Node) -> Iterator[Finding]:
    said = _words_of(error.schema)
    for found in worded(error, document):
        hint = found.message if said else _words_of(plain(policy.schema)) or found.hint
        yield replace(found, rule=policy.rule, message=said or found.message, hint=hint)


def _words_of(schema: object) -> str:
    words = schema if isinstance(schema, dict) else {}
    said = str(words.get("description") or words.get("title") or "")
    return one_line(" ".join(said.split()))
