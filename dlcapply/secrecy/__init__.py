"""What is a secret, and how it is shown: the one judgement that messages, plans, files and rules ask.

A value is one by its field, by its name, by its looks, or because the text that it stands in gives it a name.
Every answer takes time that is linear in the text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from dlcapply.secrecy.commands import places_by_name
from dlcapply.secrecy.looks import places_by_looks
from dlcapply.secrecy.names import Says, says
from dlcapply.secrecy.places import (
    HARMLESS_FIELDS,
    SECRET_FIELDS,
    Holds,
    held_by,
    is_secret_field,
    pair_name,
)
from dlcapply.secrecy.values import is_opaque, is_ordinary, is_plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = [
    "MASK",
    "SECRET_FIELDS",
    "Holds",
    "held_by",
    "hides",
    "holds_secret",
    "is_ordinary",
    "is_secret_field",
    "is_secret_name",
    "pair_name",
    "secret_places",
    "secrets_in",
    "without_secrets",
    "words_without_secrets",
]

Place = tuple[int, int]

MASK = "(masked)"
# What a name, a command or an address has, and a token of any service: most values have nothing of it.
_WORTH_A_LOOK = re.compile(r"[=:@<\s]|[\w+~-]{13}")
_SHORT = 500
_LONGEST = 1 << 21  # characters that are judged; what comes behind them is not shown


def is_secret_name(name: str) -> bool:
    """Whether a variable, a flag or a key of this name is taken for a secret."""
    return name not in HARMLESS_FIELDS and says(name) is not Says.NOTHING


def hides(name: str, value: object) -> bool:
    """Whether the value of this name is a secret; a switch, a path or a reference is not."""
    if name in HARMLESS_FIELDS:
        return False
    match says(name), value:
        case Says.NOTHING, _:
            return False
        case _, bool() | None:
            return False
        case Says.MAYBE, str():
            return is_opaque(value) and not is_plain(value)
        case _, str():
            return not is_plain(value)
        case _:
            return True


def secret_places(text: str) -> tuple[Place, ...]:
    """Where secrets stand in the text, in order, none touching another."""
    if not _WORTH_A_LOOK.search(text):
        return ()
    return _places(text) if len(text) > _SHORT else _cached_places(text)


@lru_cache(maxsize=4096)  # manifests say the same things again and again
def _cached_places(text: str) -> tuple[Place, ...]:
    return _places(text)


def _places(text: str) -> tuple[Place, ...]:
    head = text[:_LONGEST]
    rest = [(_LONGEST, len(text))] if len(text) > _LONGEST else []
    return tuple(_joined(sorted([*places_by_looks(head), *places_by_name(head), *rest])))


def _joined(places: Iterable[Place]) -> Iterator[Place]:
    start = end = -1
    for place in places:
        if place[0] > end:
            if end > start:
                yield start, end
            start, end = place
        else:
            end = max(end, place[1])
    if end > start:
        yield start, end


def holds_secret(text: str) -> bool:
    """Whether any part of the text is a secret."""
    return bool(secret_places(text))


def without_secrets(text: str) -> str:
    """The text with the mask in place of each secret in it."""
    return _without(text, secret_places(text))


def secrets_in(text: str) -> tuple[str, ...]:
    """The parts of the text that are secrets."""
    return tuple(text[start:end] for start, end in secret_places(text))


def words_without_secrets(words: Sequence[str]) -> list[str]:
    """The words of one command, where a flag may stand in one and its secret in the next."""
    text = " ".join(words)
    places = secret_places(text)
    if not places:
        return list(words)
    result, start = [], 0
    for word in words:
        inside = [(max(one - start, 0), min(end - start, len(word))) for one, end in places]
        result.append(_without(word, [place for place in inside if place[0] < place[1]]))
        start += len(word) + 1
    return result


def _without(text: str, places: Iterable[Place]) -> str:
    parts, last = [], 0
    for start, end in places:
        parts += [text[last:start], MASK]
        last = end
    return "".join([*parts, text[last:]])
