"""The project's policies: JSON Schemas that composed manifests must satisfy too.

What takes them apart is imported where there are any.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from dlcapply.manifest.effort import TooMuchEffortError
from dlcapply.manifest.files.discovery import matching_files
from dlcapply.manifest.findings import finding
from dlcapply.manifest.nodes import Node, deepest, entries, plain
from dlcapply.manifest.paths import shown_path
from dlcapply.manifest.rules.levels import POLICY_PREFIX
from dlcapply.manifest.schema.messages import findings_of, is_newer
from dlcapply.manifest.schema.shipped import unexplained
from dlcapply.manifest.schema.validators import Validator
from dlcapply.manifest.yaml.reader import read_single
from dlcapply.one_line import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from jsonschema import ValidationError as Violation
    from jsonschema_rs import ValidationError

    from dlcapply.manifest.effort import Effort
    from dlcapply.manifest.nodes import Step
    from dlcapply.manifest.project import Project
    from dlcapply.manifest.rules.policy_cost import Counter
    from dlcapply.manifest.rules.policy_objections import Objection
    from dlcapply.manifest.rules.policy_outline import Outline
    from dlcapply.model.findings import Finding, Place

POLICIES, PLAN_POLICIES = "policies", "planPolicies"
_PLAN_INFIX = ".plan."
# Bounds of all policies together: on what is compiled, and on what is held in memory for it.
MAX_SCHEMAS = 20_000
MAX_PATTERNS = 500
# Policies that can't take more steps than this for each byte of a manifest are not counted, as most are not.
_PLAIN_STEPS = 200
_MAX_OBJECTIONS = 20
# Every manifest is checked against each policy.
_MOST = 1_000
_MOST_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy of a file, compiled; `rule` is the id its findings carry."""

    rule: str
    file: str
    outline: Outline
    validator: Validator


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies of a project; `plain` where they take few steps, whatever the manifest."""

    each: tuple[Policy, ...] = ()
    plain: bool = True

    @property
    def rules(self) -> set[str]:
        return {policy.rule for policy in self.each}


class Section(NamedTuple):
    """The globs under `key` of the project's file; files that are `elsewhere` are left out of them.

    `objections` are what is wrong with a policy there, beyond what is wrong with any.
    """

    key: str
    globs: list[Node]
    elsewhere: Collection[Path] = frozenset()
    objections: Callable[[Outline], Iterator[Objection]] = lambda _: iter(())


def read_policies(project: Project) -> tuple[Policies, tuple[Finding, ...]]:
    """The project's policies on manifests, and a finding for each that is missing or broken.

    What a glob of `planPolicies` matches is none of them, whatever other globs match it.
    """
    others: tuple[list[Path], ...] = ()
    if project.policies and project.plan_policies:
        others = matching_files(project.root, project.plan_policies, PLAN_POLICIES, [])
    elsewhere = frozenset(chain.from_iterable(others))
    return read_section(project, Section(POLICIES, project.policies, elsewhere))


def read_section(project: Project, section: Section) -> tuple[Policies, tuple[Finding, ...]]:
    """The policies that the globs of the section match, and a finding for each that is missing or broken."""
    if not section.globs:
        return Policies(), ()
    from dlcapply.manifest.rules.policy_cost import steps_of
    from dlcapply.manifest.rules.policy_outline import Outline

    findings: list[Finding] = []
    policies: list[Policy] = []
    outlines: list[Outline] = []
    for path, glob in _paths(project, section, findings):
        document, found = read_single(path, shown_path(path))
        findings += found
        if document is None:
            continue
        outlines.append(Outline(plain(document)))
        if message := _too_much(outlines):
            findings.append(
                finding("policy-file", message, glob, hint="write fewer policies, or smaller ones")
            )
            break
        policy, found = _policy(path, document, outlines[-1], section)
        findings += found
        policies += [policy] if policy else []
    steps = sum(map(steps_of, outlines))
    return Policies(tuple(policies), plain=steps <= _PLAIN_STEPS), tuple(findings)


def _paths(project: Project, section: Section, findings: list[Finding]) -> Iterator[tuple[Path, Node]]:
    """Each policy's file, with the glob that matches it; a glob that matches none is a finding."""
    matched = matching_files(project.root, section.globs, section.key, findings)
    hindered = bool(findings)
    known = set(chain.from_iterable(matched))
    if len(known) > _MOST or sum(map(_size, known)) > _MOST_BYTES:
        message = f"there are more than {_MOST:,} policies, or {_MOST_BYTES:,} bytes of them"
        findings.append(finding("policy-file", message, section.globs[0], (section.key,)))
        return
    for index, (glob, paths) in enumerate(zip(section.globs, matched, strict=True)):
        where = (section.key, index)
        if not paths and not hindered:
            findings.append(finding("policy-file", f"no file matches {glob.text}", glob, where))
        for path in (path for path in paths if path not in section.elsewhere):
            if section.key == POLICIES and _PLAN_INFIX in path.name:
                message = f"{path.name} is called one on the plan, and no glob of {PLAN_POLICIES} matches it"
                hint = f"list it under {PLAN_POLICIES}, or give it another name"
                findings.append(finding("policy-file", message, glob, where, hint=hint))
            yield path, glob


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # to read it is a finding
        return 0


def _too_much(outlines: list[Outline]) -> str:
    """Why the policies can't be held in memory all together, or nothing."""
    if sum(len(outline.places) for outline in outlines) > MAX_SCHEMAS:
        return f"the policies hold more than {MAX_SCHEMAS:,} schemas"
    if sum(outline.patterns for outline in outlines) > MAX_PATTERNS:
        return f"the policies hold more than {MAX_PATTERNS:,} patterns"
    return ""


def _policy(
    path: Path, document: Node, outline: Outline, section: Section
) -> tuple[Policy | None, tuple[Finding, ...]]:
    from jsonschema_rs import ValidationError

    from dlcapply.manifest.rules.policy_objections import objections

    wrong = tuple(islice(objections(outline), _MAX_OBJECTIONS))
    # Rings are found by then: what goes through the schemas ends.
    if wrong := wrong or tuple(islice(section.objections(outline), _MAX_OBJECTIONS)):
        return None, tuple(
            finding("policy-file", item.message, _place(document, item), item.path, hint=item.hint)
            for item in wrong
        )
    try:
        validator = Validator(outline.root)
    except ValidationError as error:
        return None, (_broken(error, document),)
    stem = path.name.removesuffix(path.suffix).removesuffix(".schema")
    return Policy(f"{POLICY_PREFIX}{stem}", shown_path(path), outline, validator), ()


def _place(document: Node, objection: Objection) -> Place:
    node = deepest(document, objection.path)
    return node.key_place if objection.at_key else node.place


def _broken(error: ValidationError, document: Node) -> Finding:
    path = _written(document, tuple(error.instance_path))
    message, hint = "this is not a JSON Schema (2020-12)", ""
    if "pattern" in path[-1:] or "patternProperties" in path[-2:]:
        message = "this pattern is not a regular expression of ECMA 262, or can't be judged in linear time"
        hint = (
            "without look-around, back references and counts of hundreds; `not: {pattern: …}` says what must "
            "not be found, maxLength how long a text may be"
        )
    elif path[-1:] == ("format",):
        message = "this format is not one of JSON Schema 2020-12"
    return finding("policy-file", message, deepest(document, path), path, hint=hint)


def _written(document: Node, path: tuple[Step, ...]) -> tuple[Step, ...]:
    """The path without its last step, where that is a pattern that was written otherwise."""
    is_pattern = path[-2:-1] == ("patternProperties",)
    return path[:-1] if is_pattern and path[-1] not in entries(deepest(document, path[:-1])) else path


def violations(
    policies: Policies, document: Node, value: Any, effort: Effort, *, explains: bool = True
) -> Iterator[Finding]:
    """What the policies say against a composed document, in their own words where they have any.

    `value` is the document without its places. Without `explains`, one finding stands for all.
    """
    for policy in broken(policies, value):
        if isinstance(policy, TooCostly):
            message = f"{policy.rule} takes too many steps for this manifest"
            yield finding("policy-file", message, document, hint=TooCostly.hint)
        elif explains:
            yield from violated(policy, document, value, effort)
        else:
            message = "this manifest breaks the policy in ways that were not looked for: others have too many"
            yield finding(policy.rule, message, document.place)
            return


@dataclass(frozen=True, slots=True)
class TooCostly:
    """What stands for the policies from that of the rule on: nobody knows what they say."""

    rule: str
    file: str
    hint: ClassVar[str] = "a policy's schemas must not multiply each other's work"


def broken(policies: Policies, value: Any) -> Iterator[Policy | TooCostly]:
    """Each policy that does not accept the value; the last may be one that can't be asked."""
    counter = None if policies.plain else _counter(value)
    for policy in policies.each:
        if counter and not _can_afford(counter, policy, value):
            yield TooCostly(policy.rule, policy.file)
            return
        if not policy.validator.accepts(value):
            yield policy


def _can_afford(counter: Counter, policy: Policy, value: Any) -> bool:
    try:
        counter.count(policy.outline, value)
    except TooMuchEffortError:
        return False
    return True


def _counter(value: Any) -> Counter:
    """In proportion to the manifest, so that no repository takes much longer to check than to read."""
    from dlcapply.manifest.rules.policy_cost import Counter

    size = len(json.dumps(value))
    return Counter(most=100_000 + 100 * size, looks=2_000 + 2 * size)


def violated(policy: Policy, document: Node, value: Any, effort: Effort) -> Iterator[Finding]:
    """One finding at least: a policy that refuses a document and can't say why refuses it all the same."""
    silent = True
    for error in policy.validator.errors(value, effort):
        for found in _worded(policy, error, document):
            silent = False
            yield found
    if silent:
        found = unexplained(policy.validator.refusal(value, effort), document)
        yield replace(found, rule=policy.rule, hint=_words_of(policy.outline.root))


def _worded(policy: Policy, error: Violation, document: Node) -> Iterator[Finding]:
    said = _words_of(error.schema)
    for found in findings_of(error, document):
        own = "" if is_newer(found.hint) else found.hint
        hint = found.message if said else _words_of(policy.outline.root) or own
        yield replace(found, rule=policy.rule, message=said or found.message, hint=hint)


def _words_of(schema: object) -> str:
    words = schema if isinstance(schema, dict) else {}
    said = str(words.get("description") or words.get("title") or "")
    return printable(" ".join(said.split()))
