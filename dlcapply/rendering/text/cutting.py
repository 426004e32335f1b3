"""Texts that are wider than their place: cut so that what tells them apart is still seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.rendering.text.lines import cells, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

ELLIPSIS = "…"


def cut_end(text: str, width: int) -> str:
    """The beginning of printable text in at most `width` columns, with `…` where it was cut."""
    if cells(text) <= width:
        return text
    return _first(text, width - 1) + ELLIPSIS if width > 0 else ""


def cut_middle(text: str, width: int) -> str:
    """Both ends of printable text in at most `width` columns: names differ at their end as often."""
    if cells(text) <= width:
        return text
    tail = _last(text, (width - 1) // 2)
    return _first(text, width - 1 - cells(tail)) + ELLIPSIS + tail if width > 0 else ""


def cut_names(names: Iterable[str], width: int) -> Mapping[str, str]:
    """Each name in at most `width` columns: cut in the middle, or elsewhere where two would look the same."""
    known = sorted(set(names))
    shown = {name: cut_middle(name, width) for name in known}
    groups = list(_alike(known, shown))
    while groups:
        split: list[list[str]] = []
        for group in groups:
            differ_at = _first_difference(group)
            shown |= {name: shorten(name, width, focus=differ_at) for name in group}
            split += [parts for parts in _alike(group, shown) if len(parts) < len(group)]
        groups = split
    return shown


def wrapped(text: str, width: int) -> Iterator[str]:
    """The words of printable text in lines of at most `width` columns; a wider word is broken."""
    filled = ""
    for word in text.split(" "):
        candidate = f"{filled} {word}" if filled else word
        if cells(candidate) > width and filled:
            yield filled
            candidate = word
        while cells(candidate) > width:
            part = _first(candidate, width) or candidate[0]
            yield part
            candidate = candidate[len(part) :]
        filled = candidate
    if filled:
        yield filled


def _first_difference(names: Sequence[str]) -> int:
    """Where the first and the last of sorted names differ: no others begin to differ before."""
    pairs = enumerate(zip(names[0], names[-1], strict=False))
    return next((at for at, (one, other) in pairs if one != other), len(names[0]))


def _alike(names: Sequence[str], shown: Mapping[str, str]) -> Iterator[list[str]]:
    """The groups of names that are shown as the same text."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(shown[name], []).append(name)
    return (group for group in groups.values() if len(group) > 1)


def _first(text: str, width: int) -> str:
    kept = text[: max(width, 0)]
    while cells(kept) > width:
        kept = kept[:-1]
    return kept


def _last(text: str, width: int) -> str:
    kept = text[-width:] if width > 0 else ""
    while cells(kept) > width:
        kept = kept[1:]
    return kept
