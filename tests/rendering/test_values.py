from __future__ import annotations

import pytest

from dlcapply.model.plans import Behaviour, FieldChange, FieldKind
from dlcapply.rendering.text.lines import to_text
from dlcapply.rendering.text.values import KIND_NOTES, field_lines

COMMAND = "set -eu\ncd /workspace\npip install .\ntorchrun \\\n  --lr 1e-4 \\\n  --epochs 90\necho done\n"


def change(before, after, *, path="Envs.LR", kind=FieldKind.CHANGED, behaviour=Behaviour.NEEDS_RUN):
    return FieldChange(path, kind, before, after, behaviour)


def shown(*changes, full=False):
    return to_text(field_lines(changes, full=full))


@pytest.mark.parametrize(
    ("before", "after", "values"),
    [
        ("1e-4", "3e-4", '"1e-4" → "3e-4"'),
        (3, 5, "3 → 5"),
        ("3", 3, '"3" → 3'),
        (None, "on", '(absent) → "on"'),
        (True, None, "true → (absent)"),
        ([1], {"a": None}, '[1] → {"a": null}'),
        ("ls\n", "ls", '"ls\\n" → "ls"'),
        ("\x1b[2K", "→", '"\\u001b[2K" → "→"'),
        ("\x9b2K", "文", '"\\u009b2K" → "文"'),
    ],
)
def test_short_values_stand_in_one_line(before, after, values):
    assert shown(change(before, after)) == f"      Envs.LR: {values}  (needs a new run)\n"


def test_each_behaviour_is_said():
    notes = [shown(change(1, 2, behaviour=behaviour)).partition("  (")[2] for behaviour in Behaviour]
    assert notes == [
        "in place)\n",
        "needs a new run)\n",
        "needs a new run, which only run.token asks for)\n",
        "PAI would ignore this now)\n",
        "changes no result: this run keeps what it has)\n",
        "the next run will have it)\n",
    ]


def test_drift_is_named_and_a_long_note_goes_below():
    drifted = change(4, 8, path="JobSpecs[Worker].PodCount", kind=FieldKind.DRIFTED)
    assert shown(drifted) == (
        "      JobSpecs[Worker].PodCount: 4 → 8\n        (changed outside the manifest; needs a new run)\n"
    )


def test_unreadable_fields_share_a_line_below_the_others():
    unreadable = [
        change(None, "one of these changed", path=path, kind=FieldKind.UNREADABLE)
        for path in ("Options", "X")
    ]
    assert shown(*unreadable, change(1, 2)) == (
        "      Envs.LR: 1 → 2  (needs a new run)\n"
        "      Options, X: one of these changed  (not read back by PAI; needs a new run)\n"
    )


def test_an_unreadable_field_shows_what_else_is_known_of_it():
    unreadable = change(None, {"a": 1}, path="Options", kind=FieldKind.UNREADABLE)
    assert shown(unreadable) == '      Options: {"a": 1}  (not read back by PAI; needs a new run)\n'


def test_values_that_look_alike_differ_where_they_are_masked():
    assert shown(change("(masked)", "(masked)")) == (
        "      Envs.LR: differs where it is masked  (needs a new run)\n"
    )


def test_several_lines_become_a_diff_with_context():
    assert shown(change(COMMAND, COMMAND.replace("1e-4", "3e-4"), path="UserCommand")) == (
        "      UserCommand:  (needs a new run)\n"
        "          pip install .\n"
        "          torchrun \\\n"
        "        -   --lr 1e-4 \\\n"
        "        +   --lr 3e-4 \\\n"
        "            --epochs 90\n"
        "          echo done\n"
    )


def test_full_shows_every_line():
    rows = shown(change(COMMAND, COMMAND.replace("1e-4", "3e-4")), full=True).splitlines()
    assert rows[1:3] == ["          set -eu", "          cd /workspace"]
    assert len(rows) == 1 + 7 + 1


def test_distant_differences_are_parted():
    before = [str(number) for number in range(20)]
    after = ["first", *before[1:-1], "last"]
    assert shown(change("\n".join(before), "\n".join(after))) == (
        "      Envs.LR:  (needs a new run)\n"
        "        - 0\n        + first\n          1\n          2\n"
        "        ⋮\n"
        "          17\n          18\n        - 19\n        + last\n"
    )


def test_a_lost_newline_at_the_end_is_seen():
    assert shown(change("a\nb\n", "a\nb")) == (
        "      Envs.LR:  (needs a new run)\n          a\n          b\n        -\n"
    )


def test_a_long_structure_is_shown_by_its_lines():
    added = {"Type": "Chief", "EcsSpec": "ecs.gn7i-c8g1.2xlarge", "Image": "pytorch:2.3.1-gpu"}
    assert shown(change(None, added, path="JobSpecs[Chief]")) == (
        "      JobSpecs[Chief]:  (needs a new run)\n"
        "        + {\n"
        '        +   "Type": "Chief",\n'
        '        +   "EcsSpec": "ecs.gn7i-c8g1.2xlarge",\n'
        '        +   "Image": "pytorch:2.3.1-gpu"\n'
        "        + }\n"
    )


def test_long_lines_are_cut_around_their_difference_unless_full():
    image = "registry-vpc.cn-hangzhou.example.com/a/rather/deep/repository/of/images/pytorch:2.3.1-gpu-py311"
    moved = change(image, image.replace("2.3.1", "2.4.0"), path="Image")
    assert shown(moved) == (
        "      Image:  (needs a new run)\n"
        "        - …xample.com/a/rather/deep/repository/of/images/pytorch:2.3.1-gpu-py311\n"
        "        + …xample.com/a/rather/deep/repository/of/images/pytorch:2.4.0-gpu-py311\n"
    )
    assert {len(row) for row in shown(moved).splitlines()[1:]} == {80}
    assert f"        - {image}\n" in shown(moved, full=True)


def test_lines_beyond_the_twelfth_are_counted_unless_full():
    many = change(None, "\n".join(map(str, range(30))))
    assert shown(many).splitlines()[-2:] == ["        + 11", "        … 18 more lines, shown by --full"]
    assert shown(many, full=True).splitlines()[-1] == "        + 29"


def test_one_line_among_very_many_is_found():
    before, after = ["same"] * 30_001, ["same"] * 30_000
    after[20_000] = "other"
    rows = shown(change("\n".join(before), "\n".join(after))).splitlines()
    assert [row.strip() for row in rows[1:]] == [
        "same",
        "same",
        "- same",
        "- same",
        "+ other",
        "same",
        "same",
    ]


def test_texts_with_nothing_in_common_are_shown_one_after_the_other():
    before, after = ([f"{word} {number}" for number in range(1_000)] for word in ("old", "new"))
    rows = shown(change("\n".join(before), "\n".join(after)), full=True).splitlines()[1:]
    assert rows == [*(f"        - {row}" for row in before), *(f"        + {row}" for row in after)]


def test_every_kind_has_its_note():
    assert set(KIND_NOTES) == set(FieldKind)
