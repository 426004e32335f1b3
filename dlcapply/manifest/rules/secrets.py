"""Secrets written in clear; no message shows one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.manifest.expressions import is_template
from dlcapply.manifest.nodes import Node, entries, get, items, string
from dlcapply.manifest.rules.subject import Path, Problem, Rule, Subject, numbered
from dlcapply.model import Level
from dlcapply.secrecy import is_random, is_secret_name, is_token

if TYPE_CHECKING:
    from collections.abc import Iterator

_HINT = "whoever reads the repository or the job sees it: name it under envFrom, and set it where apply runs"
_FILE_HINT = "whoever reads the repository sees it: pass it as a variable with --var-file"
_LEAVES = {"Password", "Auth"}

_SHORTEST = 4


def _variables(subject: Subject) -> Iterator[tuple[Path, str, Node]]:
    """(path, name, value) of every environment variable written in the manifest."""
    for name, node in entries(get(subject.spec, "Envs")).items():
        yield ("spec", "Envs", name), name, node
    yield from _pairs(get(subject.spec, "CustomEnvs"), ("spec", "CustomEnvs"), "Key")
    for path, container in _containers(subject):
        yield from _pairs(get(container, "Env"), (*path, "Env"), "Name")


def _pairs(node: Node | None, path: Path, key: str) -> Iterator[tuple[Path, str, Node]]:
    for inner, item in numbered(node, path):
        if value := get(item, "Value"):
            yield (*inner, "Value"), string(get(item, key)), value


def _containers(subject: Subject) -> Iterator[tuple[Path, Node]]:
    for path, role in subject.roles:
        for kind in ("InitContainers", "SideCarContainers"):
            yield from numbered(get(role, "ExtraPodSpec", kind), (*path, "ExtraPodSpec", kind))


def _literal(node: Node) -> str:
    """The text as the file itself says it; empty where a variable of the project makes it."""
    return "" if is_template(node.text) else string(node)


def _named(subject: Subject) -> Iterator[Problem]:
    for path, name, node in _variables(subject):
        if is_secret_name(name) and _may_be_secret(_literal(node)):
            yield Problem(f"the value of {name} is a secret written in clear", node, path, _HINT)
    for path, role in subject.roles:
        for key in sorted(_LEAVES & entries(get(role, "ImageConfig")).keys()):
            node = entries(get(role, "ImageConfig"))[key]
            if _literal(node):
                where = (*path, "ImageConfig", key)
                yield Problem(f"{key} is a secret written in clear", node, where, _FILE_HINT)
    yield from _security_tokens(subject)


def _security_tokens(subject: Subject) -> Iterator[Problem]:
    start: Path = ("spec", "CredentialConfig", "CredentialConfigItems")
    for path, item in numbered(get(subject.spec, *map(str, start[1:])), start):
        for inner, role in numbered(get(item, "Roles"), (*path, "Roles")):
            node = get(role, "AssumeUserInfo", "SecurityToken")
            if node and _literal(node):
                where = (*inner, "AssumeUserInfo", "SecurityToken")
                message = "SecurityToken is a secret written in clear"
                yield Problem(message, node, where, _FILE_HINT)


def _may_be_secret(text: str) -> bool:
    """False for switches, short numbers and paths to a file with the secret."""
    return len(text) >= _SHORTEST and text.lower() not in {"true", "false", "none"} and text[0] not in "/$"


def _looking(subject: Subject) -> Iterator[Problem]:
    message = "this value looks like a secret written in clear"
    for path, name, node in _variables(subject):
        text = _literal(node)
        if not is_secret_name(name) and (is_token(text) or is_random(text)):
            yield Problem(message, node, path, _HINT)
    for path, node in _commands(subject):
        if is_token(_literal(node)):
            yield Problem("this command holds what looks like a secret", node, path, _HINT)


def _commands(subject: Subject) -> Iterator[tuple[Path, Node]]:
    if node := get(subject.spec, "UserCommand"):
        yield ("spec", "UserCommand"), node
    for path, role in subject.roles:
        if node := get(role, "UserCommand"):
            yield (*path, "UserCommand"), node
    for path, container in _containers(subject):
        for key in ("Command", "Args"):
            yield from (((*path, key, index), item) for index, item in enumerate(items(get(container, key))))


RULES = (
    Rule("secret-in-clear", _named, Level.WARNING),
    Rule("secret-looking-value", _looking, Level.WARNING),
)
