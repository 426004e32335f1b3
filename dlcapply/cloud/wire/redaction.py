"""What an error may repeat of an answer: one line, bounded, without the secrets of what was sent."""

from __future__ import annotations

import json
from base64 import b64encode
from collections import defaultdict
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from dlcapply.one_line import squeezed
from dlcapply.planning.marks import ENV_TAG
from dlcapply.planning.masking import secrets_of
from dlcapply.secrecy import MASK, Holds, held_by, is_ordinary, without_secrets

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

# A shorter text is part of ordinary words, and masking it would hide the message instead.
_SHORTEST = 4
# Of a longer text, what an answer gives of its beginning is hidden too: services cut what they repeat.
_LONG, _BEGINNING = 16, 12
_READ = 8_192  # characters of an answer's text that are looked at
_LONGEST = 400

# Variables, the registry's user and password, keys for the pod, the containers' own variables: all but what
# nobody would hide is, since the values of `envFrom` stand among them.
_HIDDEN = {Holds.VARIABLES, Holds.PAIRS, Holds.CREDENTIALS}


def secret_texts(body: Any) -> frozenset[str]:
    """Every text of a CreateJob body, or of a run's, that is a secret or stands where secrets do."""
    if not isinstance(body, dict):
        return frozenset()
    names = _from_environment(body)
    found = (text for key, value in body.items() for text in _secrets_below(key, value, names))
    return frozenset(text for text in found if len(text) >= _SHORTEST)


def _secrets_below(key: str, value: Any, names: Collection[str]) -> Collection[str]:
    """The secrets under one key of a body; none in what nests deeper than any field of it can."""
    try:
        placed = {text for text in _texts({key: value}, inside=False) if not is_ordinary(text)}
        return placed.union(secrets_of(value, key, secret_names=names))
    except RecursionError:
        return ()


def _from_environment(body: dict[str, Any]) -> list[str]:
    settings = body.get("Settings")
    tags = settings.get("Tags") if isinstance(settings, dict) else None
    names = tags.get(ENV_TAG) if isinstance(tags, dict) else None
    return names.split(",") if isinstance(names, str) else []


def _texts(value: Any, *, inside: bool) -> Iterator[str]:
    match value:
        case str() if inside:
            yield value
        case dict():
            for key, item in value.items():
                yield from _texts(item, inside=inside or held_by(key) in _HIDDEN)
        case list() | tuple():
            for item in value:
                yield from _texts(item, inside=inside)


def redacted(said: object, hidden: Iterable[str] = (), *, longest: int = _LONGEST) -> str:
    """The text of an answer on one line of at most `longest` characters, with masks in place of secrets.

    The `hidden` texts are masked as they are, and as JSON, an address, Python, HTML or base64 spells them.
    Masks come before the cut: no half of a secret is left at its end.
    """
    line = squeezed(str(said if said is not None else "")[:_READ])
    line = without_secrets(_without(line, {form for text in hidden for form in _forms(text)}))
    return line if len(line) <= longest else f"{line[:longest]}…"


def _forms(text: str) -> Iterator[str]:
    """How an answer may spell the text; of several lines, each longer one too."""
    data = text.encode("utf-8", "replace")
    yield squeezed(text)
    yield squeezed(json.dumps(text)[1:-1])
    yield squeezed(json.dumps(text, ensure_ascii=False)[1:-1])
    yield squeezed(json.dumps(json.dumps(text)[1:-1])[1:-1])
    yield from (quote(data, safe=""), quote(data), quote_plus(data))
    yield from (repr(text)[1:-1], escape(text))
    yield b64encode(data).decode().rstrip("=")
    if "\n" in text:
        yield from (line for row in text.split("\n") if len(line := squeezed(row)) >= _LONG)


def _without(line: str, forms: Collection[str]) -> str:
    """The line without the texts, the longest first; of long ones, without as much as stands there."""
    long: defaultdict[str, list[str]] = defaultdict(list)
    for form in forms:
        if len(form) >= _LONG:
            long[form[:_BEGINNING]].append(form)
    for beginning, alike in long.items():
        line = _without_beginning(line, beginning, alike)
    short = [form for form in forms if _SHORTEST <= len(form) < _LONG]
    for form in sorted(short, key=len, reverse=True):
        line = line.replace(form, MASK)
    return line


def _without_beginning(line: str, beginning: str, forms: Iterable[str]) -> str:
    parts, last = [], 0
    while (start := line.find(beginning, last)) >= 0:
        parts += [line[last:start], MASK]
        last = start + max(_shared(line, start, form) for form in forms)
    return "".join([*parts, line[last:]])


def _shared(line: str, start: int, form: str) -> int:
    """How many characters of the form stand there."""
    there = line[start : start + len(form)]
    differing = (at for at, (one, other) in enumerate(zip(there, form, strict=False)) if one != other)
    return next(differing, len(there))
