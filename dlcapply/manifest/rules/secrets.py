"""Secrets written in clear; their messages name the place, never the value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dlcapply.manifest.expressions import is_template
from dlcapply.manifest.nodes import Node, get, string
from dlcapply.manifest.rules.rule import Path, Problem, Rule, Subject, numbered
from dlcapply.model.findings import Level
from dlcapply.secrecy import (
    SECRET_FIELDS,
    Holds,
    held_by,
    hides,
    holds_secret,
    is_secret_field,
    pair_name,
    words_without_secrets,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_HINT = "whoever reads the repository or the job sees it: name it under envFrom, and set it where apply runs"
_FILE_HINT = "whoever reads the repository sees it: pass it as a variable with --var-file"
_OWN_HINT = "give the run a key of its own, under another name where apply runs; `name` may stay as it is"
# The credential chain of the SDK, and what Alibaba's action for GitHub exports beside it.
_OWN_CREDENTIALS = re.compile(
    "(ALIBABA_?CLOUD|ALICLOUD)_(ACCESS_KEY(_ID|_SECRET)?|SECRET_KEY|SECURITY_TOKEN|CREDENTIALS_URI)"
)
_VARIABLES = {Holds.VARIABLES, Holds.PAIRS}
_COMMANDS = frozenset({"UserCommand", "Command", "Args"})

_FIELD_NAMES = frozenset(field.rpartition(".")[2] for field in SECRET_FIELDS)

Leaf = tuple[Path, str, Node]


def _leaves(node: Node, path: Path, name: str, found: list[Leaf]) -> list[Leaf]:
    """Every text in its order, with its path; the value of a pair has the name that stands beside it."""
    match node.value:
        case str():
            found.append((path, name, node))
        case dict() as below:
            called = string(pair_name(below)) if "Value" in below else ""
            for key, child in below.items():
                _leaves(child, (*path, key), called if key == "Value" and called else key, found)
        case list() as below:
            for index, child in enumerate(below):
                _leaves(child, (*path, index), "", found)
    return found


def _written(node: Node) -> str:
    """The text as it is in the file: what a variable brings is not written there."""
    return node.text if is_template(node.text) else string(node)


def _all(subject: Subject) -> list[Leaf]:
    found: list[Leaf] = []
    if subject.spec:
        _leaves(subject.spec, ("spec",), "spec", found)
    if labels := get(subject.document, "metadata", "labels"):
        _leaves(labels, ("metadata", "labels"), "labels", found)
    return found


def _is_named(path: Path, name: str, text: str) -> bool:
    return hides(name, text) or _is_field(path, text)


def _is_field(path: Path, text: str) -> bool:
    if path[-1] not in _FIELD_NAMES or text == "" or is_template(text):
        return False
    return is_secret_field(".".join(step for step in path if isinstance(step, str)))


def _named(subject: Subject) -> Iterator[Problem]:
    for path, name, node in _all(subject):
        if _is_field(path, text := _written(node)):
            yield Problem(f"{name} is a secret written in clear", node, path, _FILE_HINT)
        elif hides(name, text):
            hint = _HINT if _is_variable(path) else _FILE_HINT
            yield Problem(f"the value of {name} is a secret written in clear", node, path, hint)


def _is_variable(path: Path) -> bool:
    return any(held_by(step) in _VARIABLES for step in path if isinstance(step, str))


def _looking(subject: Subject) -> Iterator[Problem]:
    for path, name, node in _all(subject):
        text = _written(node)
        if holds_secret(text) and not _is_named(path, name, text):
            yield Problem(_message(path), node, path, _HINT)
    yield from _words(subject)


def _words(subject: Subject) -> Iterator[Problem]:
    """Where a flag is one word of a list, and its secret the next."""
    for path, node in _lists(subject.spec, ("spec",)) if subject.spec else ():
        words = [string(item) for item in node]
        for index, (word, seen) in enumerate(zip(words, words_without_secrets(words), strict=True)):
            if word != seen and not holds_secret(word):
                yield Problem(_message(path), node[index], (*path, index), _HINT)


def _lists(node: Node, path: Path) -> Iterator[tuple[Path, list[Node]]]:
    match node.value:
        case dict() as below:
            for key, child in below.items():
                yield from _lists(child, (*path, key))
        case list() as below if below and all(isinstance(item.value, str) for item in below):
            yield path, below
        case list() as below:
            for index, child in enumerate(below):
                yield from _lists(child, (*path, index))


def _message(path: Path) -> str:
    if _COMMANDS.intersection(path):
        return "this command holds what looks like a secret"
    return "this value looks like a secret written in clear"


def _own(subject: Subject) -> Iterator[Problem]:
    for path, item in numbered(get(subject.document, "envFrom"), ("envFrom",)):
        source = get(item, "fromEnv")
        if source is not None and _OWN_CREDENTIALS.fullmatch(string(source)):
            message = f"{string(source)} is what dlcapply itself signs in with, and no run may get it"
            yield Problem(message, source, (*path, "fromEnv"), _OWN_HINT)


RULES = (
    Rule("own-credentials", _own),
    Rule("secret-in-clear", _named, Level.WARNING),
    Rule("secret-looking-value", _looking, Level.WARNING),
)
