"""What a plan says of the variables that its runs start with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dlcapply.model.jobs import EnvSource, OnChange, RunRules
from dlcapply.model.plans import Need, VariableState
from dlcapply.planning.digest import digest
from dlcapply.planning.needs import needs_of, starting
from tests.builders import a_job, a_plan, a_run

KEY = EnvSource("API_KEY", "KEY")
MAYBE = EnvSource("API_KEY", "KEY", allow_empty=True)


@pytest.mark.parametrize(
    ("value", "here", "where_empty_is_allowed"),
    [
        ("s3cret", VariableState.SET, VariableState.SET),
        ("s3cret\n", VariableState.SET, VariableState.SET),
        ("", VariableState.EMPTY, VariableState.SET),
        (" \t\n", VariableState.EMPTY, VariableState.SET),
        (None, VariableState.UNSET, VariableState.UNSET),
        ("a\0b", VariableState.NOT_TEXT, VariableState.NOT_TEXT),
        ("\udcff", VariableState.NOT_TEXT, VariableState.NOT_TEXT),
    ],
)
def test_a_value_is_set_unless_it_is_missing_empty_or_no_text(value, here, where_empty_is_allowed):
    environ = {} if value is None else {"KEY": value}
    for source, wanted in ((KEY, here), (MAYBE, where_empty_is_allowed)):
        assert needs_of([a_job(env_from=(source,))], environ) == (Need("KEY", wanted, ("train",)),)


def test_a_variable_stands_once_with_all_its_jobs_unless_it_may_be_empty_for_some():
    jobs = [
        a_job("c", env_from=(KEY, EnvSource("OTHER", "KEY"))),
        a_job("a", env_from=(KEY,)),
        a_job("b", env_from=(MAYBE, EnvSource("A", "A"))),
    ]
    assert needs_of(jobs, {"KEY": "", "A": "1"}) == (
        Need("A", VariableState.SET, ("b",)),
        Need("KEY", VariableState.EMPTY, ("a", "c")),
        Need("KEY", VariableState.SET, ("b",)),
    )


WAITING = RunRules(on_change=OnChange.WAIT)
REPLACING = RunRules(on_change=OnChange.REPLACE)
RETRYING = RunRules(retries=1)


def named(rules, status=None, *, spec="other.py", **options):
    """The names of the jobs that a plan starts where the run of `train` has the status."""
    job = a_job(rules=rules, UserCommand=spec)
    live = (a_run(a_job(rules=rules), status),) if status else ()
    return [one.name for one in starting(a_plan(job, live=live, **options).changes, [job])]


def test_only_what_a_plan_starts_needs_anything():
    assert named(RunRules()) == ["train"]
    assert named(RunRules(), "Succeeded") == ["train"]
    assert named(RETRYING, "Failed", spec="python train.py") == ["train"]
    assert named(REPLACING, "Running", allow_replace=frozenset({"train"})) == ["train"]
    assert named(REPLACING, "Running") == []
    assert named(WAITING, "Running") == []
    assert named(RunRules(), "Succeeded", spec="python train.py") == []


def test_what_is_set_here_is_no_part_of_a_plans_digest():
    plan = a_plan(a_job(env_from=(KEY,)))
    needy = replace(plan, needs=(Need("KEY", VariableState.UNSET, ("train",)),))
    assert digest(scope=needy.scope, changes=needy.changes) == plan.digest
    assert a_plan(a_job(env_from=(MAYBE,))).digest != plan.digest  # another promise about what is sent
