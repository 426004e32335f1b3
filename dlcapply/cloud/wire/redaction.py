"""What an error may repeat of an answer: one line, bounded, without the secrets of what was sent."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections import defaultdict
from contextlib import suppress
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from dlcapply.one_line import squeezed
from dlcapply.planning.marks import ENV_TAG
from dlcapply.planning.masking import secrets_of
from dlcapply.secrecy import MASK, Holds, held_by, is_ordinary, without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

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
    return _secrets(body, _placed_below) | known_secrets(body)


def known_secrets(body: Any) -> frozenset[str]:
    """Every text of a run's body that is a secret by its field, its name, its looks or its origin.

    Not so much as `secret_texts`: what a program prints again and again has ordinary values in it.
    """
    names = _from_environment(body) if isinstance(body, dict) else ()
    return _secrets(body, lambda key, value: secrets_of(value, key, secret_names=names))


def _secrets(body: Any, below: Callable[[str, Any], Iterable[str]]) -> frozenset[str]:
    """The longer ones of the texts below each key; none below one that nests deeper than any field can."""
    found: set[str] = set()
    for key, value in body.items() if isinstance(body, dict) else ():
        with suppress(RecursionError):
            found.update(text for text in below(key, value) if len(text) >= _SHORTEST)
    return frozenset(found)


def _placed_below(key: str, value: Any) -> Iterator[str]:
    return (text for text in _texts({key: value}, inside=False) if not is_ordinary(text))


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
    line = Hiding(hidden).of(squeezed(str(said if said is not None else "")[:_READ]))
    return line if len(line) <= longest else f"{line[:longest]}…"


class Hiding:
    """Puts masks in place of secrets, for many lines: of the `hidden` texts, and of what looks like one."""

    def __init__(self, hidden: Iterable[str]) -> None:
        forms = {form for text in hidden for form in _forms(text)}
        self._short = sorted((one for one in forms if _SHORTEST <= len(one) < _LONG), key=len, reverse=True)
        # Of long ones, as much as stands there is masked.
        self._long: defaultdict[str, list[str]] = defaultdict(list)
        for form in forms:
            if len(form) >= _LONG:
                self._long[form[:_BEGINNING]].append(form)
        pieces = [re.escape(piece) for piece in (*self._short, *self._long)]
        self._any = re.compile("|".join(pieces)) if pieces else None

    def of(self, line: str) -> str:
        """The line with masks."""
        return without_secrets(self._without(line) if self._any and self._any.search(line) else line)

    def _without(self, line: str) -> str:
        for beginning, alike in self._long.items():
            line = _without_beginning(line, beginning, alike)
        for form in self._short:
            line = line.replace(form, MASK)
        return line


def _forms(text: str) -> Iterator[str]:
    """How an answer may spell the text; of several lines, each longer one too."""
    data = text.encode("utf-8", "replace")
    yield text
    yield squeezed(text)
    yield squeezed(json.dumps(text)[1:-1])
    yield squeezed(json.dumps(text, ensure_ascii=False)[1:-1])
    yield squeezed(json.dumps(json.dumps(text)[1:-1])[1:-1])
    yield from (quote(data, safe=""), quote(data), quote_plus(data))
    yield from (repr(text)[1:-1], escape(text))
    yield b64encode(data).decode().rstrip("=")
    if "\n" in text:
        yield from (line for row in text.split("\n") if len(line := squeezed(row)) >= _LONG)


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
