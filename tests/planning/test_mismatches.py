"""What deepdiff makes of two maps, held to a definition of a few lines."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.planning.diff import differences
from dlcapply.planning.mismatches import mismatches
from tests.builders import a_job, a_run

KEYS = st.sampled_from(["A", "B", "a.b", "a[0]", "it's", 'q"', "root", "", "é", "\n", "0", "__init__", "_p"])
LEAVES = st.sampled_from(
    [0, 1, 2, 1.0, 2.5, True, False, 0.1, 0.1000000000000001, 2**63, "", "1", "True", "a", "a\nb", "a\nb\nc"]
)
VALUES = st.recursive(
    LEAVES | st.text(max_size=3),
    lambda inner: st.lists(inner | st.none(), max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
MAPS = st.dictionaries(KEYS, VALUES, max_size=5)


def differing(live, desired, keys=()):
    """The definition: maps differ where their keys do, and all else as a whole."""
    if isinstance(live, dict) and isinstance(desired, dict):
        for key in {**live, **desired}:
            if key not in live or key not in desired or live[key] != desired[key]:
                yield from differing(live.get(key), desired.get(key), (*keys, key))
    else:
        yield keys, live, desired


@st.composite
def pairs(draw):
    """Two maps that are often alike in part: the second is the first, with some of its values exchanged."""
    live = draw(MAPS)
    return live, {**{key: value for key, value in live.items() if draw(st.booleans())}, **draw(MAPS)}


@given(pairs() | st.tuples(MAPS, MAPS))
def test_what_differs_is_what_the_definition_says(pair):
    found = [(one.keys, one.live, one.desired) for one in mismatches(*pair)]
    assert found == sorted(differing(*pair) if pair[0] != pair[1] else (), key=lambda one: one[0])


@pytest.mark.parametrize(
    ("live", "desired", "found"),
    [
        (1, 1.0, False),
        (1, True, False),
        (0, False, False),
        ([1, 0], [True, 0.0], False),
        (1, "1", True),
        (True, "True", True),
        (0.1, 0.1000000000000001, True),
        (2**63, 2**63 + 1, True),
        ("a\nb", "a\nc", True),
        ("a", ["a"], True),
        ([], {}, True),
        ([None], [0], True),
        ([1, 2], [2, 1], True),
    ],
)
def test_values_of_several_types(live, desired, found):
    """Beside another difference: what nothing differs from is never handed to deepdiff."""
    keys = [one.keys for one in mismatches({"x": live, "y": 1}, {"x": desired, "y": 2})]
    assert keys == [("x",), ("y",)] if found else [("y",)]


def test_a_value_comes_with_the_maps_that_hold_it():
    live, desired = {"Key": "A", "Value": "1"}, {"Key": "A", "Value": "2"}
    (one,) = mismatches({"CustomEnvs": {"A": live}}, {"CustomEnvs": {"A": desired}})
    assert one == (("CustomEnvs", "A", "Value"), "1", "2", (live, desired))


@pytest.mark.parametrize("name", ["__INIT", "__init__", "_X", "root['x']"])
def test_a_variable_counts_whatever_its_name(name):
    live, desired = a_run(a_job(Envs={name: "1"})), a_job(Envs={name: "2"})
    assert [(one.before, one.after) for one in differences(desired=desired, live=live)] == [("1", "2")]


def test_an_unknown_field_may_be_called_value():
    live, desired = a_run(a_job(Value="1")), a_job(Value="2")
    assert [one.path for one in differences(desired=desired, live=live)] == ["Value"]


def test_deepdiff_is_imported_only_once_something_differs():
    code = (
        "import sys\n"
        "from tests.builders import a_job, a_plan, a_run\n"
        "a_plan(a_job(), a_job('new'), live=(a_run(a_job()),))\n"
        "print('deepdiff' in sys.modules)\n"
        "a_plan(a_job(UserCommand='other'), live=(a_run(a_job()),))\n"
        "print('deepdiff' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
