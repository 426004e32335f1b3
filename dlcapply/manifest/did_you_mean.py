"""Which known word was probably meant by one that is not known."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LIKE = 0.7
LONGEST_WORD = 64
MOST_WORDS = 200
_OTHERS = re.compile("[^a-z0-9]+")


def closest(word: str, known: Iterable[str]) -> str:
    """The known word that `word` was probably meant to be, or nothing.

    A word with the same letters and digits wins; otherwise the most similar one, if there is time to find it.
    """
    known = list(known)
    by_letters = {letters(name): name for name in known}
    if match := by_letters.get(letters(word)):
        return match
    if len(word) > LONGEST_WORD:
        return ""
    by_folded = {name.casefold(): name for name in known}
    near = islice((name for name in by_folded if may_be_like(word, name)), MOST_WORDS)
    return by_folded.get(_likest(word.casefold(), frozenset(near)), "")


def is_spelling_of(word: str, other: str) -> bool:
    """Whether the two have the same letters and digits, whatever their case and what joins them."""
    return letters(word) == letters(other)


def letters(word: str) -> str:
    """The letters and digits of the word, whatever their case; all of it where it has none."""
    return _OTHERS.sub("", word.casefold()) or word


def may_be_like(word: str, other: str) -> bool:
    """Whether the lengths allow a likeness that counts; it is twice the shared letters by all letters."""
    shorter, longer = sorted((len(word), len(other)))
    return 2 * shorter >= LIKE * (shorter + longer)


@lru_cache(maxsize=1024)
def _likest(word: str, others: frozenset[str]) -> str:
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, sorted(others), n=1, cutoff=LIKE)), "")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint that names the closest known word, or nothing."""
    match = closest(word, known)
    return f"did you mean {match}?" if match else ""
