"""Where two normalised specs differ: the one home of deepdiff.

deepdiff takes a fifth of a second to import. That waits until something differs: most plans change nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Mismatch(NamedTuple):
    """One value that differs, by the keys that lead to it; None on the side that has none.

    `beside` are both sides of the map that holds it.
    """

    keys: tuple[str, ...]
    live: Any
    desired: Any
    beside: tuple[Mapping[str, Any], Mapping[str, Any]]


def mismatches(live: Mapping[str, Any], desired: Mapping[str, Any]) -> list[Mismatch]:
    """Every value below the two maps that differs, sorted by its keys; a list is one value.

    Values are equal where Python takes them for equal: 1, 1.0 and true are.
    """
    if live == desired:
        return []
    from deepdiff import DeepDiff

    found: dict[str, Iterable[Any]] = DeepDiff(
        live,
        desired,
        view="tree",
        custom_operators=[_Whole()],
        ignore_type_in_groups=[(bool, int, float)],
        # By default a key that begins with two underscores is passed over: variables may be called so.
        ignore_private_variables=False,
        # By default two maps that share few keys are reported as one value.
        threshold_to_diff_deeper=0,
    )
    differing = (_mismatch(level) for levels in found.values() for level in levels)
    return sorted(differing, key=lambda one: one.keys)


class _Whole:
    """The operator of deepdiff that compares texts and lists.

    Both are shown whole. What deepdiff would do to find a difference within them takes time that grows with
    the square of their length for lines and plain items, and a millisecond for each struct: a run of somebody
    else could be made to cost minutes.
    """

    def match(self, level: Any) -> bool:
        return isinstance(level.t1, str | list) and isinstance(level.t2, str | list)

    def give_up_diffing(self, level: Any, diff_instance: Any) -> bool:
        if level.t1 != level.t2:
            diff_instance.custom_report_result("values_changed", level)
        return True


def _mismatch(level: Any) -> Mismatch:
    from deepdiff.helper import NotPresent

    live, desired = (None if isinstance(side, NotPresent) else side for side in (level.t1, level.t2))
    return Mismatch(tuple(level.path(output_format="list")), live, desired, (level.up.t1, level.up.t2))
