"""Texts that are wider than their place: cut so that what tells them apart is still seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.one_line import printable
from dlcapply.rendering.text.lines import Line, Span, cells, shorten, width_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

ELLIPSIS = "…"
_BESIDE = 4  # of the width, as a part of it: what is shown at each side of a difference
_ROUNDS = 4


def cut_end(text: str, width: int) -> str:
    """The beginning of printable text in at most `width` columns, with `…` where it was cut."""
    if cells(text) <= width:
        return text
    return _first(text, width - 1) + ELLIPSIS if width > 0 else ""


def cut_middle(text: str, width: int) -> str:
    """Both ends of printable text in at most `width` columns: names differ at their end as often."""
    if cells(text) <= width:
        return text
    return _cut(text, width, tail=(width - 1) // 2) if width > 0 else ""


def cut_names(names: Iterable[str], width: int) -> Mapping[str, str]:
    """Each name in at most `width` columns: cut in the middle, or elsewhere where two would look the same."""
    known = sorted(set(names))
    shown = {name: cut_middle(name, width) for name in known}
    for _ in range(_ROUNDS):
        groups = list(_alike(known, shown))
        if not groups:
            return shown
        for group in groups:
            shown |= _told_apart(group, width)
    return _in_windows(known, width)


def _told_apart(group: Sequence[str], width: int) -> Mapping[str, str]:
    """The names around where the first two differ, with all that follows or is before where that fits."""
    differ_at, beside = _first_difference(group), width // _BESIDE
    tails = max(cells(name[max(0, differ_at - beside) :]) for name in group)
    heads = max(cells(name[: differ_at + 1 + beside]) for name in group)
    if tails < width:
        tail = max(tails, (width - 1) // 2)
        return {name: _cut(name, width, tail=tail) for name in group}
    if heads < width:
        return {name: _cut(name, width, tail=width - 1 - heads) for name in group}
    return {name: shorten(name, width, focus=differ_at) for name in group}


def _in_windows(names: Sequence[str], width: int) -> Mapping[str, str]:
    """Each name around where it differs from those that would look like it, and from fewer each time."""
    shown = dict.fromkeys(names, "")
    groups = [list(names)]
    while groups:
        group = groups.pop()
        differ_at = _first_difference(group)
        shown |= {name: shorten(name, width, focus=differ_at) for name in group}
        groups += [alike for alike in _alike(group, shown) if len(alike) < len(group)]
    return shown


def _cut(name: str, width: int, *, tail: int) -> str:
    if cells(name) <= width:
        return name
    end = _last(name, tail)
    return _first(name, width - 1 - cells(end)) + ELLIPSIS + end


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


def wrapped_lines(lines: Iterable[Line], width: int | None) -> Iterator[Line]:
    """The lines, those that are wider than `width` columns in several, in the style of their last part."""
    for one in lines:
        if width is None or width_of(one) <= width:
            yield one
            continue
        text = printable("".join(span.text for span in one))
        yield from ((Span(part, one[-1].style),) for part in wrapped(text, width))


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
