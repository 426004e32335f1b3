"""A line diff is right, as short as can be, and over in a number of steps that grows with the texts alone."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dlcapply.rendering.text.linediff import hunks


def longest_common(before, after):
    """How many lines the two can share in order, by the schoolbook table."""
    row = [0] * (len(after) + 1)
    for one in before:
        previous, row = row, [0]
        for at, other in enumerate(after):
            row.append(previous[at] + 1 if one == other else max(previous[at + 1], row[at]))
    return row[-1]


lines = st.lists(st.sampled_from("abc"), max_size=12)


@given(lines, lines)
@example(list("abcabba"), list("cbabac"))
def test_the_hunks_are_both_texts_and_change_as_little_as_there_can_be(before, after):
    found = list(hunks(before, after))
    assert [line for hunk in found for line in hunk.before] == before
    assert [line for hunk in found for line in hunk.after] == after
    assert all((hunk.before == hunk.after) == hunk.is_equal for hunk in found)
    assert all(one.is_equal != other.is_equal for one, other in pairwise(found))
    assert sum(len(hunk.before) for hunk in found if hunk.is_equal) == longest_common(before, after)


def test_texts_that_are_too_far_apart_are_one_change_between_their_equal_ends():
    before = ["head", *(f"old {number}" for number in range(400)), "same", "tail"]
    after = ["head", *(f"new {number}" for number in range(400)), "same", "same", "tail"]
    found = list(hunks(before, after))
    assert [(hunk.is_equal, len(hunk.before), len(hunk.after)) for hunk in found] == [
        (True, 1, 1),
        (False, 400, 401),
        (True, 2, 2),
    ]


class Counted(str):
    """A line that counts how often it is compared."""

    __slots__ = ()
    compared = 0
    __hash__ = str.__hash__

    def __eq__(self, other):
        Counted.compared += 1
        return str.__eq__(self, other)


def counted(texts):
    return [Counted(text) for text in texts]


WORST = {
    "two kinds of lines": (lambda n: ["a"] * n, lambda n: ["a", "b"] * (n // 2)),
    "none alike": (lambda n: [f"a{at}" for at in range(n)], lambda n: [f"b{at}" for at in range(n)]),
    "reversed": (lambda n: [f"{at}" for at in range(n)], lambda n: [f"{at}" for at in reversed(range(n))]),
    "four kinds": (lambda n: ["a", "a", "b", "c"] * (n // 4), lambda n: ["a", "c", "b", "a"] * (n // 4)),
    "one more here and there": (
        lambda n: ["a"] * n,
        lambda n: ["b" if at % 7 == 0 else "a" for at in range(n)],
    ),
    "shorter": (lambda n: ["a"] * n, lambda n: ["a"] * (n // 2)),
    "nothing": (lambda n: ["a"] * n, lambda _: []),
}


@pytest.mark.parametrize("name", WORST)
def test_the_steps_have_a_bound_whatever_the_texts(name):
    for length in (100, 1_000, 30_000):
        before, after = (counted(make(length)) for make in WORST[name])
        Counted.compared = 0
        found = list(hunks(before, after))
        assert Counted.compared <= 3 * length + min(450_000, 210 * length)
        assert sum(len(hunk.before) for hunk in found) == length
