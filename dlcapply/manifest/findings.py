"""How this package words what it finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcapply.manifest.nodes import Node, Step, dotted
from dlcapply.model import Finding, Level, Place
from dlcapply.secrecy import shown

if TYPE_CHECKING:
    from collections.abc import Iterable


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


def closest(word: str, known: Iterable[str]) -> str:
    """The known word that `word` was probably meant to be, or nothing."""
    from difflib import get_close_matches

    by_folded = {name.casefold(): name for name in known}
    matches = get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.7)
    return by_folded[matches[0]] if matches else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint that names the closest known word, or nothing."""
    match = closest(word, known)
    return f"did you mean {match}?" if match else ""


def listed(words: Iterable[Any]) -> str:
    return ", ".join(str(word) for word in words)
