"""JSON values -> YAML that means the same to readers of YAML 1.1 and of YAML 1.2."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import yaml
from yaml.resolver import Resolver

from dlcapply.manifest.nodes import leaves
from dlcapply.manifest.yaml.reader import read
from dlcapply.manifest.yaml.scalars import resolve
from dlcapply.runners import looks_like_command

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_STRING = "tag:yaml.org,2002:str"
_OLD_BOOLEANS = {"y", "Y", "n", "N"}  # of the YAML 1.1 specification; few readers read them as booleans
_OLD: Any = Resolver()


def to_yaml(value: dict[str, Any], comments: Iterable[str] | None = None) -> str:
    """One document that begins with `---`; each comment stands beside the leaf of the same position."""
    text = _escaped(yaml.emit(_events(value), width=sys.maxsize, allow_unicode=True))
    return text if comments is None else _commented(text, comments)


def _commented(text: str, comments: Iterable[str]) -> str:
    rows = text.split("\n")
    (document,) = read(text.encode(), "").documents
    for (_, leaf), comment in zip(leaves(document), comments, strict=True):
        rows[leaf.place.line - 1] += f"  # {_escaped(comment).replace(chr(10), _escape(chr(10)))}"
    return "\n".join(rows)


def _escaped(text: str) -> str:
    """Invisible characters stand in double quotes only, where an escape means the same."""
    if text.replace("\n", "").isprintable():
        return text
    return "".join(char if char.isprintable() or char == "\n" else _escape(char) for char in text)


def _escape(char: str) -> str:
    return f"\\U{ord(char):08X}" if ord(char) > 0xFFFF else json.dumps(char)[1:-1]  # noqa: PLR2004


def _events(value: Any) -> Iterator[yaml.Event]:
    yield yaml.StreamStartEvent()
    yield yaml.DocumentStartEvent(explicit=True)
    yield from _value(value)
    yield yaml.DocumentEndEvent()
    yield yaml.StreamEndEvent()


def _value(value: Any) -> Iterator[yaml.Event]:
    match value:
        case dict():
            yield yaml.MappingStartEvent(None, None, implicit=True, flow_style=False)
            for key, below in value.items():
                yield _string(key)
                yield from _value(below)
            yield yaml.MappingEndEvent()
        case list():
            yield yaml.SequenceStartEvent(None, None, implicit=True, flow_style=False)
            for item in value:
                yield from _value(item)
            yield yaml.SequenceEndEvent()
        case str():
            yield _string(value)
        case _:
            yield yaml.ScalarEvent(None, None, (True, False), _literal(value))


def _literal(value: float | None) -> str:
    text = json.dumps(value)
    if isinstance(value, float) and "." not in text:
        return text.replace("e", ".0e")  # 1e-05 is a string in YAML 1.1
    return text


def _string(text: str) -> yaml.ScalarEvent:
    return yaml.ScalarEvent(None, None, (is_read_alike(text), True), text, style=_style(text))


def _style(text: str) -> str | None:
    if looks_like_command(text):  # in double quotes it may be disarmed without a change of its meaning
        return '"'
    if "\n" in text and text.replace("\n", "").isprintable():
        return "|"
    return None if is_read_alike(text) else '"'


def is_read_alike(text: str) -> bool:
    """True where the text without quotes is this text to every reader, as far as types are concerned."""
    try:
        value = resolve(text)
    except ValueError:
        return False
    if not isinstance(value, str) or text in _OLD_BOOLEANS or not text.isprintable():
        return False
    return bool(_OLD.resolve(yaml.ScalarNode, text, (True, False)) == _STRING)
