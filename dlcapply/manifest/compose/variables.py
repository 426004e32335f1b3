"""`${{ var.x }}`: declared, typed, substituted once."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dlcapply.manifest.did_you_mean import did_you_mean
from dlcapply.manifest.expressions import OPENING, Expression, parts
from dlcapply.manifest.findings import MOST_ERRORS, finding, listed
from dlcapply.manifest.nodes import Node, Scalar, Step, get, holding, plain
from dlcapply.manifest.schema.expression_hints import expression_hint
from dlcapply.manifest.schema.patterns import matches
from dlcapply.manifest.yaml.scalars import resolve
from dlcapply.model.findings import Place
from dlcapply.secrecy import hides, holds_secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dlcapply.model.findings import Finding

# Characters that variables may bring into one manifest; PAI takes 65,536 bytes of a job (API page of
# CreateJob).
MOST_BROUGHT = 1 << 17
_LONGEST_SHOWN = 60
_NOWHERE = Place("")
_ITEM = re.compile(r"spec\.(?:JobSpecs|DataSources)\[\d+\]")
_MERGED_BY = {"Type", "MountPath", "DataSourceId", "Uri"}
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the project says about one variable."""

    name: str
    type: str = "string"
    default: Node | None = None
    enum: tuple[Scalar, ...] = ()
    pattern: str = ""


def declarations(node: Node | None) -> Mapping[str, Declaration]:
    """The project's `variables` section, already checked against its schema."""
    declared = plain(node) if node is not None else {}
    return {
        name: Declaration(
            name,
            words.get("type", "string"),
            get(node, name, "default"),
            tuple(words.get("enum", ())),
            words.get("pattern", ""),
        )
        for name, words in declared.items()
    }


def parsed(text: str, declaration: Declaration) -> Scalar:
    """The value that a command line means by `text`; the text itself where it is not of the type."""
    if declaration.type == "string":
        return text
    try:
        value = resolve(text)
    except ValueError:
        return text
    return text if value is None else value


def objection(value: object, declaration: Declaration) -> str:
    """Why the declaration forbids the value, or nothing."""
    if not _is_of(value, declaration.type):
        return f"the variable {declaration.name} must be of type {declaration.type}"
    if declaration.enum and value not in declaration.enum:
        return f"the variable {declaration.name} must be one of {listed(declaration.enum)}"
    if declaration.pattern and not matches(declaration.pattern, str(value)):
        return f"the variable {declaration.name} must match {declaration.pattern}"
    return ""


def _is_of(value: object, name: str) -> bool:
    return isinstance(value, _TYPES[name]) and isinstance(value, bool) == (name == "boolean")


def objections(
    values: Mapping[str, Node], declared: Mapping[str, Declaration], path: tuple[Step, ...]
) -> Iterator[Finding]:
    """A finding for each value that is not declared or does not fit its declaration."""
    for name, node in values.items():
        if name not in declared:
            hint = did_you_mean(name, declared)
            yield finding(
                "undeclared-variable",
                f"the variable {name} is not declared",
                node.key_place,
                (*path, name),
                hint=hint,
            )
        elif trouble := objection(node.value, declared[name]):
            yield finding("variable-value", trouble, node, (*path, name))


def resolved(text: str, values: Mapping[str, Node | None]) -> Scalar:
    """The value that the text has with its variables replaced; None where one of them has none."""
    if OPENING not in text:
        return text
    substitution = _Substitution(values)
    value = substitution.scalar(Node(text, _NOWHERE, _NOWHERE, text), text, ())
    return None if substitution.findings else value


def secret_values(values: Mapping[str, Node | None]) -> tuple[str, ...]:
    """The texts of the variables whose names say that they are secrets."""
    return tuple(
        node.value
        for name, node in values.items()
        if node is not None and isinstance(node.value, str) and hides(name, node.value)
    )


def substituted(document: Node, values: Mapping[str, Node | None]) -> tuple[Node, tuple[Finding, ...]]:
    """The document with every variable replaced, and a finding for each that could not be.

    `values` holds every declared variable, None where nothing sets it. Values are not looked into again.
    """
    substitution = _Substitution(values)
    return substitution.node(document, ()), tuple(substitution.findings)


@dataclass(slots=True)
class _Substitution:
    """One document's; what variables bring into it is bounded as a whole."""

    values: Mapping[str, Node | None]
    findings: list[Finding] = field(default_factory=list)
    brought: int = 0

    def node(self, node: Node, path: tuple[Step, ...]) -> Node:
        match node.value:
            case dict() as below:
                if any(OPENING in key for key in below):
                    self.findings.extend(_variable_keys(below, path))
                replaced = {
                    key: self.node(child, (*path, key)) for key, child in below.items() if not _stays(child)
                }
                return holding(node, below | replaced) if replaced else node
            case list() as below:
                return holding(node, [self.node(item, (*path, index)) for index, item in enumerate(below)])
            case str() as text if OPENING in text:
                return Node(self.scalar(node, text, path), node.place, node.key_place, node.text)
        return node

    def scalar(self, node: Node, text: str, path: tuple[Step, ...]) -> Scalar:
        match list(parts(text)):
            case [Expression() as whole]:
                value = self._value(whole, node, path)
                return value.value if value and not isinstance(value.value, dict | list) else None
            case pieces:
                return "".join(self._texts(pieces, node, path))

    def _texts(self, pieces: Iterable[str | Expression], node: Node, path: tuple[Step, ...]) -> Iterator[str]:
        refused: set[Expression] = set()
        for piece in pieces:
            if isinstance(piece, str):
                yield piece
            elif piece not in refused:
                value = self._value(piece, node, path)
                if value:
                    yield value.text
                else:
                    refused.add(piece)

    def _value(self, expression: Expression, node: Node, path: tuple[Step, ...]) -> Node | None:
        name = expression.variable
        value = self.values.get(name)
        if value is None:
            self._refuse(expression, node, path)
            return None
        before, self.brought = self.brought, self.brought + len(value.text)
        if self.brought <= MOST_BROUGHT:
            return value
        if before <= MOST_BROUGHT:
            message = f"variables bring more than {MOST_BROUGHT:,} characters into this manifest"
            self._report("variable-value", message, node, path, f"shorten {name}, or use it less often")
        return None

    def _refuse(self, expression: Expression, node: Node, path: tuple[Step, ...]) -> None:
        name = expression.variable
        if expression.inside is None:
            hint = "write ${{ var.NAME }}, or $${{ for the characters themselves"
            self._report("variable-syntax", "`${{` without its `}}`", node, path, hint)
        elif not name:
            message, hint = _no_variable(expression.inside, self.values)
            self._report("variable-syntax", message, node, path, hint)
        elif name not in self.values:
            hint = did_you_mean(name, self.values) or "declare it under `variables` in dlcapply.yaml"
            self._report("undeclared-variable", f"the variable {name} is not declared", node, path, hint)
        else:
            hint = f"pass --var {name}=…, or set it in the environment, or give it a default"
            self._report("unset-variable", f"the variable {name} has no value", node, path, hint)

    def _report(self, rule: str, message: str, node: Node, path: tuple[Step, ...], hint: str) -> None:
        if len(self.findings) <= MOST_ERRORS:
            self.findings.append(finding(rule, message, node, path, hint=hint))


def _no_variable(inside: str, values: Mapping[str, Node | None]) -> tuple[str, str]:
    """(message, hint) for an expression that is not a variable, which is not repeated if long or secret."""
    words = " ".join(inside.split())
    shown = (
        f"`${{{{ {words} }}}}`" if len(words) <= _LONGEST_SHOWN and not holds_secret(words) else "`${{ }}`"
    )
    return f"{shown} is not a variable", expression_hint(words, values)


def _stays(node: Node) -> bool:
    """Whether the node itself holds no variable: true of most values, which are then not copied."""
    value = node.value
    return OPENING not in value if isinstance(value, str) else not isinstance(value, (dict, list))


def _variable_keys(below: dict[str, Node], path: Iterable[Step]) -> Iterator[Finding]:
    for key, node in below.items():
        if OPENING in key:
            hint = "variables stand in values only"
            yield finding(
                "variable-syntax", "a key can't hold a variable", node.key_place, (*path, key), hint=hint
            )


def independent_of(unresolved: Iterable[Finding], complaints: Iterable[Finding]) -> Iterator[Finding]:
    """The complaints without those that only follow from a variable without a value.

    Where that variable is the key of an item, the item was merged with no other, so none of it is judged.
    """
    known = {(item.path, item.place) for item in unresolved}
    items = {item for item, _, key in (path.rpartition(".") for path, _ in known) if key in _MERGED_BY}
    for complaint in complaints:
        item = _ITEM.match(complaint.path)
        if (complaint.path, complaint.place) not in known and not (item and item[0] in items):
            yield complaint
