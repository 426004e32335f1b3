"""Which ended runs may be removed: whatever is, plans are as before, now and once others have ended."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dlcapply.model.claims import Claim
from dlcapply.model.jobs import OnChange, RerunOn, RunRules, State
from dlcapply.model.runs import PHASES, TERMINAL, Phase, Run
from dlcapply.planning.keeping import Keep, Keeping, age_of, ended_runs_of_ours
from dlcapply.planning.marks import OP_TAG, ORIGIN_TAG, OWNER_TAG
from dlcapply.planning.run_progress import is_over
from tests.builders import ENVIRONMENT, NOW, a_job, a_plan, a_run

ENDED = [status for status, phase in PHASES.items() if phase in TERMINAL]
NAMES = ("train", "tune", "old-train", "undeclared")
COMMANDS = ("python a.py", "python b.py", "python c.py")
TOKENS = ("1", "2")
CLAIM = Claim("dlc004", "train", {"owner": "vision/local"})
EXAMPLES = int(os.environ.get("DLCAPPLY_EXAMPLES", "40"))


def job(name, command=COMMANDS[0], token="1", formerly=(), **rules):  # noqa: S107
    made = a_job(name, UserCommand=command, rules=RunRules(token=token, **rules))
    return replace(made, formerly=tuple(formerly))


def run(of, status="Succeeded", *, number=1, days=40, **rest):
    ended = {"GmtFinishTime": (NOW - timedelta(days=days)).isoformat()} if status in ENDED else {}
    return a_run(of, status, number=number, **ended, **rest)


def judged(runs, *jobs, **more):
    keeping = Keeping(jobs, ENVIRONMENT, NOW, **more)
    return {row.run.job_id: row.keep for row in ended_runs_of_ours(runs, keeping)}


jobs = st.builds(
    job,
    st.sampled_from(NAMES[:2]),
    st.sampled_from(COMMANDS),
    st.sampled_from(TOKENS),
    formerly=st.sampled_from([(), ("old-train",)]),
    retries=st.integers(0, 3),
    rerun_on=st.sampled_from(RerunOn),
    on_change=st.sampled_from(OnChange),
    state=st.sampled_from([State.PRESENT, State.PRESENT, State.STOPPED]),
)
runs = st.tuples(
    st.sampled_from(NAMES),
    st.sampled_from(COMMANDS),
    st.sampled_from(TOKENS),
    st.sampled_from([*ENDED, *ENDED, "Running", "Stopping"]),
    st.sampled_from([{}, {}, {}, {OP_TAG: "twin"}, {OWNER_TAG: "speech/prod"}]),
    st.sampled_from([60, 600]),
)


def lived(drawn):
    return [
        run(job(name, command, token), status, number=number, tags=tags, JobMaxRunningTimeMinutes=minutes)
        for number, (name, command, token, status, tags, minutes) in enumerate(drawn, start=1)
    ]


@settings(max_examples=EXAMPLES)
@given(
    st.lists(jobs, min_size=1, max_size=2, unique_by=lambda one: one.name),
    st.lists(runs, max_size=9),
    st.booleans(),
    st.sampled_from(ENDED),
)
def test_no_plan_of_now_or_of_later_misses_what_may_be_removed(declared, drawn, undeclared, end):
    former = [name for one in declared for name in one.formerly]
    assume(len(former) == len(set(former)))
    live = lived(drawn)
    kept = judged(live, *declared, undeclared=undeclared)
    left = [one for one in live if kept.get(one.job_id, Keep.NEWEST) is not None]
    assert plan(declared, live) == plan(declared, left)
    assert plan(declared, after(live, end)) == plan(declared, after(left, end))
    for one in declared:
        again = replace(one, rules=replace(one.rules, retries=3, rerun_on=RerunOn.CHANGE))
        assert plan([again], live) == plan([again], left)


def plan(declared, live):
    names = frozenset(name for one in declared for name in one.names)
    made = a_plan(*declared, live=tuple(live), complete=True, names=names)
    return made.changes, made.findings


def after(live, end):
    """The runs once those under way have ended."""
    return [one if one.is_terminal else replace(one, status=end) for one in live]


def test_what_a_job_asks_for_and_the_newest_of_each_name_are_kept():
    now = job("train", formerly=["old-train"])
    older, before, asked = (
        run(job("train", command), number=n)
        for n, command in enumerate((COMMANDS[1], COMMANDS[2], COMMANDS[0]), start=1)
    )
    renamed = [run(job("old-train", COMMANDS[1]), number=number) for number in (4, 5)]
    newest = run(job("train", COMMANDS[1]), "Failed", number=6)
    found = judged([older, before, asked, *renamed, newest], now)
    assert found == {
        "dlc001": None,
        "dlc002": None,
        "dlc003": Keep.PRESENT,
        "dlc004": None,
        "dlc005": Keep.NEWEST,  # of its own name, which may be a job's again
        "dlc006": Keep.NEWEST,
    }


def test_of_a_name_that_no_manifest_has_the_newest_goes_only_where_that_is_asked_for():
    gone = [run(job("gone", COMMANDS[1]), number=number) for number in (1, 2)]
    assert judged(gone, job("train")) == {"dlc001": None, "dlc002": Keep.NEWEST}
    assert judged(gone, job("train"), undeclared=True) == {"dlc001": None, "dlc002": None}
    asked = judged(gone, job("renamed", COMMANDS[1]), undeclared=True)
    assert set(asked.values()) == {Keep.ELSEWHERE}


def test_what_is_not_for_certain_ours_and_done_with_is_kept():
    newest, old = run(job("train", COMMANDS[2]), number=9), job("train", COMMANDS[1])
    odd = {
        Keep.RESERVING: run(old, "FailedReserving", number=1),
        Keep.NOTED: run(old, number=2),
        Keep.UNKNOWN_AGE: replace(run(old, number=3), body=a_run(old, number=3).body),
        Keep.CLAIMED: replace(run(old, number=4), claim=CLAIM),
        None: run(old, number=5),
    }
    found = judged([*odd.values(), newest], job("train"), noted={"dlc002"})
    assert {keep: found[one.job_id] for keep, one in odd.items()} == {keep: keep for keep in odd}
    strangers = [run(old, number=6, tags={OWNER_TAG: "speech/prod"}), run(old, "Running", number=7)]
    assert judged([*strangers, newest], job("train")) == {"dlc009": Keep.NEWEST}
    assert judged([run(old, number=1), newest], job("train"), unread=True)["dlc001"] is Keep.UNREAD
    keeping = Keeping((job("train"),), replace(ENVIRONMENT, origin="github.com/vision/jobs"), NOW)
    *_, row = ended_runs_of_ours([run(old, number=1), newest], keeping)
    assert (row.keep, ORIGIN_TAG in row.run.tags) == (Keep.ORIGIN, False)


def test_a_run_that_a_copy_would_be_taken_for_is_kept():
    old = run(job("train", COMMANDS[1]), number=1, tags={OP_TAG: "same"})
    copy = run(job("train", COMMANDS[1]), "Running", number=2, tags={OP_TAG: "same"})
    newest = run(job("train"), number=3)
    assert judged([old, copy, newest], job("train")) == {"dlc001": Keep.TWIN, "dlc003": Keep.NEWEST}


def test_only_what_has_ended_and_holds_nothing_is_over():
    done = {status for status in PHASES if is_over(run(job("train"), status))}
    assert done == {"Succeeded", "Failed", "Stopped"}
    assert Phase.UNKNOWN not in {PHASES[status] for status in done}


def test_without_the_services_time_no_age_is_known_and_none_is_taken_from_this_machine():
    run = Run("dlc1", "a", "Failed", "2026-01-01T00:00:00Z", {"GmtFinishTime": "2026-01-01T01:00:00Z"})
    assert age_of(run, None) is None
    assert age_of(run, NOW) is not None
