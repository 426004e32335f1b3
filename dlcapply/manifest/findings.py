"""How this package words what it finds."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from dlcapply.manifest.nodes import Node, Step, dotted
from dlcapply.model import Finding, Level, Place
from dlcapply.secrecy import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Of one manifest, and of all; strangers could make us look for millions.
MOST_ERRORS = 100
MOST_WARNINGS = 1_000
MOST_DIFFERENT = 1_000
MOST_TOLD = 20_000
# In manifests with errors; to find words for them takes some 20 microseconds a value.
MOST_EXPLAINED = 100_000

_LIKE = 0.7
_LONGEST_WORD = 64
_MOST_WORDS = 200
_MOST_LISTED = 40
_OTHERS = re.compile("[^a-z0-9]+")


def finding(
    rule: str,
    message: str,
    where: Node | Place,
    path: Iterable[Step] | str = "",
    *,
    hint: str = "",
    level: Level = Level.ERROR,
) -> Finding:
    """A finding at the node or the place; no text of a file breaks or colours its line, or shows a secret."""
    place = where.place if isinstance(where, Node) else where
    path = path if isinstance(path, str) else dotted(path)
    message, hint = (one_line(shown(text)) for text in (message, hint))
    return Finding(rule, level, message, hint, place, one_line(path))


def one_line(text: str) -> str:
    """The text without line breaks and control characters."""
    return text if text.isprintable() else text.encode("unicode_escape").decode()


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each finding once, by place."""
    return tuple(sorted(dict.fromkeys(findings), key=_rank))


def _rank(item: Finding) -> tuple[Place, str, str, str]:
    return (item.place or Place(""), item.path, item.rule, item.message)


def has_errors(findings: Iterable[Finding]) -> bool:
    return any(item.level is Level.ERROR for item in findings)


def bounded(
    findings: Iterable[Finding],
    where: Place,
    most_errors: int = MOST_ERRORS,
    most_warnings: int = MOST_WARNINGS,
) -> Iterator[Finding]:
    """The findings up to a number that a person can read, and one that says that there are more.

    What follows the last error that is told is not even looked for.
    """
    errors = warnings = 0
    for item in findings:
        is_error = item.level is Level.ERROR
        errors, warnings = errors + is_error, warnings + (not is_error)
        if errors > most_errors:
            yield more_errors(where)
            return
        if is_error or warnings <= most_warnings:
            yield item
    if warnings > most_warnings:
        message = f"there are {warnings - most_warnings:,} more warnings here than are told"
        yield finding("too-many", message, where, level=Level.WARNING)


def more_errors(where: Place) -> Finding:
    """What stands in place of the errors that are not looked for."""
    hint = "the rest is not looked for: mend these first"
    return finding("too-many", "there are more errors here than are told", where, hint=hint)


def closest(word: str, known: Iterable[str]) -> str:
    """The known word that `word` was probably meant to be, or nothing.

    The same letters and digits count first; likeness is only looked for where that takes no time.
    """
    known = list(known)
    by_letters = {_letters(name): name for name in known}
    if match := by_letters.get(_letters(word)):
        return match
    if len(word) > _LONGEST_WORD:
        return ""
    by_folded = {name.casefold(): name for name in known}
    near = islice((name for name in by_folded if _may_be_like(word, name)), _MOST_WORDS)
    return by_folded.get(_likest(word.casefold(), frozenset(near)), "")


def is_spelling_of(word: str, other: str) -> bool:
    """Whether the two have the same letters and digits, whatever their case and what joins them."""
    return _letters(word) == _letters(other)


def _letters(word: str) -> str:
    return _OTHERS.sub("", word.casefold()) or word


def _may_be_like(word: str, other: str) -> bool:
    """Whether the lengths allow a likeness that counts; it is twice the shared letters by all letters."""
    shorter, longer = sorted((len(word), len(other)))
    return 2 * shorter >= _LIKE * (shorter + longer)


@lru_cache(maxsize=1024)
def _likest(word: str, others: frozenset[str]) -> str:
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, sorted(others), n=1, cutoff=_LIKE)), "")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint that names the closest known word, or nothing."""
    match = closest(word, known)
    return f"did you mean {match}?" if match else ""


def listed(words: Iterable[Any]) -> str:
    """The words in a row, no more of them than fit a line."""
    words = list(words)
    more = f" and {len(words) - _MOST_LISTED} more" if len(words) > _MOST_LISTED else ""
    return ", ".join(map(str, words[:_MOST_LISTED])) + more
