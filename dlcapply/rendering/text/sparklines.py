"""Curves in one line of text."""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"
# For who can't show blocks: each stands higher, or is fuller, than the one before.
ASCII = "_.-=+*#@"


def glyphs_for(encoding: str) -> str:
    """The blocks, where text of this encoding can hold them."""
    try:
        BLOCKS.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return BLOCKS


def sparkline(points: Sequence[tuple[float, float]], width: int, *, top: float, glyphs: str = BLOCKS) -> str:
    """The mean value of each of `width` parts of the time, from nothing to `top`; a gap where there is none.

    Points are (place, value) with places from 0 to 1; a value outside is shown as the border that it passed.
    """
    parts: list[list[float]] = [[] for _ in range(width)]
    for place, value in points:
        parts[min(width - 1, max(0, int(place * width)))].append(value)
    return "".join(_glyph(fmean(part), top, glyphs) if part else " " for part in parts)


def _glyph(value: float, top: float, glyphs: str) -> str:
    if top <= 0:
        return glyphs[0]
    share = min(1.0, max(0.0, value / top))
    return glyphs[min(len(glyphs) - 1, int(share * len(glyphs)))]
