"""`${{ var.x }}`: declared, typed, substituted once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.manifest.findings import did_you_mean, finding, listed
from dlcapply.manifest.nodes import Node, Scalar, Step, get, holding, plain
from dlcapply.manifest.scalars import resolve
from dlcapply.secrecy import hides

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dlcapply.model import Finding

_OPENING = "${{"
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_REFERENCE = re.compile(r"\s*var\.([A-Za-z_][A-Za-z0-9_]*)\s*")
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


def typed(text: str, declaration: Declaration) -> Scalar:
    """The value that a command line means by `text`; the text itself where it is none of the type."""
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
    if declaration.pattern and not re.search(declaration.pattern, str(value)):
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


def secret_values(values: Mapping[str, Node | None]) -> tuple[str, ...]:
    """The texts of the variables whose names say that they are secrets."""
    return tuple(
        node.value
        for name, node in values.items()
        if node is not None and isinstance(node.value, str) and hides(name, node.value)
    )


def names_in(text: str) -> Iterator[str]:
    """The names of the variables that the text mentions, in order."""
    for expression in _EXPRESSION.findall(text):
        if reference := _REFERENCE.fullmatch(expression):
            yield reference[1]


def substituted(document: Node, values: Mapping[str, Node | None]) -> tuple[Node, tuple[Finding, ...]]:
    """The document with every variable replaced, and a finding for each that could not be.

    `values` holds every declared variable, None where nothing sets it. Values are not looked into again.
    """
    findings: list[Finding] = []
    return _Substitution(values, findings).node(document, ()), tuple(findings)


@dataclass(frozen=True, slots=True)
class _Substitution:
    values: Mapping[str, Node | None]
    findings: list[Finding]

    def node(self, node: Node, path: tuple[Step, ...]) -> Node:
        match node.value:
            case dict() as below:
                if any(_OPENING in key for key in below):
                    self.findings.extend(_variable_keys(below, path))
                replaced = {
                    key: self.node(child, (*path, key)) for key, child in below.items() if not _stays(child)
                }
                return holding(node, below | replaced) if replaced else node
            case list() as below:
                return holding(node, [self.node(item, (*path, index)) for index, item in enumerate(below)])
            case str() as text if _OPENING in text:
                return Node(self._scalar(node, text, path), node.place, node.key_place, node.text)
        return node

    def _scalar(self, node: Node, text: str, path: tuple[Step, ...]) -> Scalar:
        whole = _EXPRESSION.fullmatch(text)
        if whole and _OPENING not in whole[1]:
            value = self._value(whole[1], node, path)
            return value.value if value and not isinstance(value.value, dict | list) else None
        if text.count(_OPENING) > len(_EXPRESSION.findall(text)):
            self._refuse("`${{` without its `}}`", node, path)
        return _EXPRESSION.sub(lambda match: self._text(match[1], node, path), text)

    def _text(self, expression: str, node: Node, path: tuple[Step, ...]) -> str:
        value = self._value(expression, node, path)
        return value.text if value else ""

    def _value(self, expression: str, node: Node, path: tuple[Step, ...]) -> Node | None:
        reference = _REFERENCE.fullmatch(expression)
        if reference is None:
            self._refuse("`${{ }}` holds something else than a variable", node, path)
            return None
        name = reference[1]
        if name not in self.values:
            hint = did_you_mean(name, self.values) or "declare it under `variables` in dlcapply.yaml"
            self._report("undeclared-variable", f"the variable {name} is not declared", node, path, hint)
        elif self.values[name] is None:
            hint = f"pass --var {name}=…, or set it in the environment, or give it a default"
            self._report("unset-variable", f"the variable {name} has no value", node, path, hint)
        return self.values.get(name)

    def _refuse(self, message: str, node: Node, path: tuple[Step, ...]) -> None:
        self._report("variable-syntax", message, node, path, "write ${{ var.NAME }}")

    def _report(self, rule: str, message: str, node: Node, path: tuple[Step, ...], hint: str) -> None:
        self.findings.append(finding(rule, message, node, path, hint=hint))


def _stays(node: Node) -> bool:
    """True of what holds no variable at first sight, as most values do."""
    value = node.value
    return _OPENING not in value if isinstance(value, str) else not isinstance(value, (dict, list))


def _variable_keys(below: dict[str, Node], path: Iterable[Step]) -> Iterator[Finding]:
    for key, node in below.items():
        if _OPENING in key:
            hint = "variables stand in values only"
            yield finding(
                "variable-syntax", "a key can't hold a variable", node.key_place, (*path, key), hint=hint
            )
