"""Which lines of a text changed: Myers' greedy diff, in a bounded number of steps."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Of texts further apart nobody reads a diff. A step compares two lines, or begins to.
_MOST_EDITS = 100
_MOST_STEPS = 400_000

Matches = list[tuple[int, int]]


class Hunk(NamedTuple):
    """Lines of both texts that are equal, or what stands in place of each other."""

    before: Sequence[str]
    after: Sequence[str]
    is_equal: bool


def hunks(before: Sequence[str], after: Sequence[str]) -> Iterator[Hunk]:
    """Both texts from end to end, with as few changed lines as there can be.

    Texts that are too far apart are one change between the lines that they begin and end with alike.
    """
    head = _alike(before, after)
    tail = _alike(before[head:][::-1], after[head:][::-1])
    left, right = before[head : len(before) - tail], after[head : len(after) - tail]
    if head:
        yield Hunk(before[:head], after[:head], is_equal=True)
    yield from _between(left, right)
    if tail:
        yield Hunk(before[-tail:], after[-tail:], is_equal=True)


def _alike(before: Sequence[str], after: Sequence[str]) -> int:
    """How many lines both begin with."""
    pairs = zip(before, after, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _between(before: Sequence[str], after: Sequence[str]) -> Iterator[Hunk]:
    left = right = 0
    run = 0  # equal lines that were passed and not told yet
    for one, other in [*_matches(before, after), (len(before), len(after))]:
        if run and (one, other) != (left, right):
            yield Hunk(before[left - run : left], after[right - run : right], is_equal=True)
            run = 0
        if (one, other) != (left, right):
            yield Hunk(before[left:one], after[right:other], is_equal=False)
        left, right, run = one + 1, other + 1, run + 1
    if run > 1:
        yield Hunk(before[left - run : left - 1], after[right - run : right - 1], is_equal=True)


def _matches(before: Sequence[str], after: Sequence[str]) -> Matches:
    """The pairs of equal lines that stay; none where that would take too many steps."""
    total = len(before) + len(after)
    most = min(_MOST_EDITS, _MOST_STEPS // max(total, 1))
    furthest = {1: 0}
    trace: list[dict[int, int]] = []
    for edits in range(most + 1):
        trace.append(dict(furthest))
        for diagonal in range(-edits, edits + 1, 2):
            at = _step(furthest, diagonal, edits)
            while at < len(before) and at - diagonal < len(after) and before[at] == after[at - diagonal]:
                at += 1
            furthest[diagonal] = at
            if at >= len(before) and at - diagonal >= len(after):
                return _traced(trace, len(before), len(after))
    return []


def _step(furthest: dict[int, int], diagonal: int, edits: int) -> int:
    """How far the text before was read where the diagonal is entered."""
    if _is_added(furthest, diagonal, edits):
        return furthest[diagonal + 1]
    return furthest[diagonal - 1] + 1


def _is_added(furthest: dict[int, int], diagonal: int, edits: int) -> bool:
    """Whether the diagonal is entered by an added line; otherwise it is entered by a removed one."""
    return diagonal == -edits or (diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1])


def _traced(trace: list[dict[int, int]], left: int, right: int) -> Matches:
    """The way back from the ends of both texts, as the pairs of equal lines on it."""
    pairs: Matches = []
    for edits in range(len(trace) - 1, -1, -1):
        diagonal = left - right
        start = _step(trace[edits], diagonal, edits)
        while left > start and right > start - diagonal:
            left, right = left - 1, right - 1
            pairs.append((left, right))
        if edits and _is_added(trace[edits], diagonal, edits):
            right -= 1
        elif edits:
            left -= 1
    return pairs[::-1]
