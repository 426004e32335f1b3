from __future__ import annotations

from dlcapply.model.plans import Need, VariableState
from dlcapply.rendering.text.lines import to_text
from dlcapply.rendering.text.needs import lacking_hint, lacking_text, needs_line

SET = Need("A", VariableState.SET, ("train",))
UNSET = Need("B", VariableState.UNSET, ("eval", "train"))
EMPTY = Need("C", VariableState.EMPTY, tuple(f"job{number}" for number in range(5)))
ODD = Need("D", VariableState.NOT_TEXT, ("train",))


def test_a_plan_says_in_one_line_what_it_needs():
    assert to_text([needs_line([SET])]) == (
        "Apply needs the values of A (envFrom); all are set where this was planned.\n"
    )
    assert to_text([needs_line([SET, UNSET, EMPTY, ODD])]) == (
        "Apply needs the values of A, B, C, D (envFrom); "
        "not set where this was planned: B, C (empty), D (not UTF-8 text).\n"
    )


def test_where_all_is_alike_nothing_is_named_twice():
    unset, empty = (
        [UNSET, Need("C", VariableState.UNSET, ("a",))],
        [EMPTY, Need("D", VariableState.EMPTY, ("a",))],
    )
    assert to_text([needs_line(unset)]) == (
        "Apply needs the values of B, C (envFrom); none of them is set where this was planned.\n"
    )
    assert to_text([needs_line(empty)]) == (
        "Apply needs the values of C, D (envFrom); all of them are empty where this was planned.\n"
    )
    assert to_text([needs_line([UNSET])]).endswith("; not set where this was planned: B.\n")


def test_a_variable_that_is_empty_for_some_jobs_alone_is_named_once():
    needs = [Need("A", VariableState.EMPTY, ("a",)), Need("A", VariableState.SET, ("b",))]
    assert to_text([needs_line(needs)]).startswith("Apply needs the values of A (envFrom); not set")


def test_a_refusal_names_every_variable_with_its_jobs():
    assert lacking_text([UNSET, EMPTY, ODD]) == (
        "not set here: B (envFrom of eval, train); empty here: C (envFrom of job0, job1, job2, and 2 more); "
        "not UTF-8 text: D (envFrom of train); nothing was written"
    )


def test_hundreds_of_variables_are_counted_and_not_listed():
    many = [Need(f"V{number:03}", VariableState.UNSET, ("a",)) for number in range(300)]
    assert "V007 (envFrom of a), and 292 more;" in lacking_text(many)
    assert "V007, and 293 more.\n" in to_text([needs_line([*many, EMPTY])])


def test_the_hint_says_what_each_trouble_asks_for():
    assert lacking_hint([UNSET]) == "set it where dlcapply runs"
    assert "allowEmpty: true" in lacking_hint([EMPTY])
    assert lacking_hint([ODD]) == "PAI takes text only, such as Base64"
