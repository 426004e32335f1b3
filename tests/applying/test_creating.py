"""Creates and reruns: one run where one was asked for, whatever is lost, late or repeated."""

from __future__ import annotations

import signal
from dataclasses import replace

import pytest

from dlcapply.applying.interrupt import Interrupt
from dlcapply.cloud.gathering import Records
from dlcapply.emulator import Fault, FaultKind
from dlcapply.model.jobs import EnvSource, Identity, OnChange, RunRules, State
from dlcapply.model.outcomes import Result
from dlcapply.model.plans import Action
from dlcapply.planning.create_body import create_body
from dlcapply.planning.marks import marks_for
from tests.applying.conftest import Bench
from tests.applying.parts import Frozen, Pausing
from tests.builders import a_job, a_spec, an_environment


def test_each_job_is_created_once_and_the_second_apply_writes_nothing(bench):
    jobs = [a_job(f"job-{number}") for number in range(6)]
    assert set(bench.apply(*jobs).values()) == {"created"}
    assert bench.writes == ["CreateJob"] * 6
    assert set(bench.apply(*jobs).values()) == {"unchanged"}
    assert bench.writes == ["CreateJob"] * 6


def test_a_finished_job_is_not_started_again(bench):
    job = a_job("short")
    bench.apply(job)
    bench.emulator.turn(60)
    assert bench.statuses("short") == ["Succeeded"]
    assert bench.apply(job) == {"short": "unchanged"}
    assert bench.writes == ["CreateJob"]


def test_the_created_run_carries_marks_labels_and_environment_values(bench):
    job = a_job(labels={"team": "a"}, env_from=(EnvSource("KEY", "FROM"),))
    bench.carry_out(bench.plan(job), job, context=bench.context(env={"FROM": "v"}, provenance="abc"))
    (made,) = bench.emulator.jobs()
    tags = made["Settings"]["Tags"]
    assert tags["team"] == "a"
    assert tags["dlcapply-owner"] == "vision/local"
    assert tags["dlcapply-from"] == "abc"
    assert made["Envs"] == {"LR": "1e-4", "KEY": "v"}
    assert made["DisplayName"] == "train"


@pytest.mark.parametrize(
    "changed",
    [{"Envs": {"LR": "3e-4"}}, {"UserCommand": "python b.py"}, {"rules": RunRules(token="2")}],
)
def test_an_ended_job_is_run_again_when_asked_for_and_then_the_plan_is_empty(bench, changed):
    bench.apply(a_job("short"))
    bench.emulator.turn(60)
    assert bench.apply(a_job("short", **changed)) == {"short": "created"}
    assert bench.apply(a_job("short", **changed)) == {"short": "unchanged"}
    assert bench.writes == ["CreateJob"] * 2


def test_an_active_job_is_not_touched_without_consent(bench):
    bench.apply(a_job())
    assert bench.apply(a_job(UserCommand="other")) == {"train": "blocked"}
    assert bench.writes == ["CreateJob"]


def test_a_stop_that_lost_the_race_with_the_end_is_done(bench):
    bench.apply(a_job())
    plan = bench.plan(a_job(rules=RunRules(state=State.STOPPED)))
    (run,) = bench.emulator.jobs()
    bench.emulator.fault(Fault("StopJob", FaultKind.LOST, effect=True))
    (outcome,) = bench.carry_out(plan)
    assert outcome.result == "stopped"
    assert bench.writes == ["CreateJob", "StopJob"]
    assert run["JobId"] == outcome.job_id


@pytest.mark.parametrize("kind", [FaultKind.LOST, FaultKind.ERROR, FaultKind.HTML, FaultKind.EMPTY])
def test_a_lost_answer_to_a_create_never_leads_to_a_second_call(bench, kind):
    bench.emulator.fault(Fault("CreateJob", kind, effect=True))
    assert bench.apply(a_job()) == {"train": "created"}
    assert bench.writes == ["CreateJob"]
    assert len(bench.emulator.jobs()) == 1


@pytest.mark.parametrize("kind", [FaultKind.LOST, FaultKind.ERROR, FaultKind.HTML, FaultKind.EMPTY])
def test_a_create_that_did_not_happen_is_unknown_and_the_next_apply_heals_it(bench, kind):
    bench.emulator.fault(Fault("CreateJob", kind))
    (outcome,) = bench.carry_out(bench.plan(a_job()), a_job())
    assert outcome.result == "unknown"
    assert outcome.error.hint.startswith("dlcapply status --op ")
    assert bench.emulator.jobs() == ()
    assert bench.apply(a_job()) == {"train": "created"}
    assert len(bench.emulator.jobs()) == 1


def test_a_created_run_that_is_listed_late_is_found(lagging_bench):
    bench = lagging_bench
    bench.emulator.fault(Fault("CreateJob", FaultKind.LOST, effect=True))
    assert bench.apply(a_job()) == {"train": "created"}
    assert bench.writes == ["CreateJob"]


def test_a_young_intent_is_waited_for_before_anything_is_created(lagging_bench):
    bench, job = lagging_bench, a_job()
    plan = bench.plan(job)
    bench.carry_out(plan, job)
    (entry,) = [entry for entry in bench.journal.entries() if entry["event"] == "outcome"]
    bench.journal.intend(op=entry["op"], name="train", call="CreateJob")  # as if killed during the call
    (outcome,) = bench.carry_out(plan, job)
    assert (outcome.result, outcome.job_id) == ("created", entry["job_id"])
    assert bench.writes == ["CreateJob"]


def test_an_old_intent_without_a_run_does_not_hold_up(bench):
    job = a_job()
    plan = bench.plan(job)
    bench.journal.intend(op=plan.changes[0].op, name="train", call="CreateJob")
    bench.emulator.turn(91)
    before = bench.clock.now()
    assert bench.apply(job) == {"train": "created"}
    assert (bench.clock.now() - before).total_seconds() < 10


def test_throttling_is_waited_out(bench):
    bench.emulator.fault(Fault("CreateJob", FaultKind.THROTTLED, times=3, retry_after_ms=1500))
    assert bench.apply(a_job()) == {"train": "created"}
    assert len(bench.emulator.jobs()) == 1


def test_throttling_without_end_is_a_failure(bench):
    """It is tried for a minute, ever more rarely."""
    bench.emulator.fault(Fault("CreateJob", FaultKind.THROTTLED, times=None))
    plan, before = bench.plan(a_job()), bench.clock.now()
    (outcome,) = bench.carry_out(plan, a_job())
    assert (outcome.result, outcome.error.code) == ("failed", "Throttling.User")
    assert bench.emulator.jobs() == ()
    assert bench.writes == ["CreateJob"] * 8
    assert 60 < (bench.clock.now() - before).total_seconds() < 90


def test_a_refused_create_is_reported_in_pais_words_and_leaves_the_others_alone(bench):
    bad = a_job("bad", JobType="NoSuchJob")
    outcomes = bench.carry_out(bench.plan(bad, a_job()), bad, a_job())
    assert [outcome.result for outcome in outcomes] == ["refused", "created"]
    assert outcomes[0].error.code == "InvalidParameter"
    assert outcomes[0].request_id


@pytest.mark.parametrize(
    ("fault", "result"),
    [
        (Fault("CreateJob", FaultKind.ERROR, status=400), "refused"),
        (Fault("CreateJob", FaultKind.THROTTLED, times=8), "failed"),
        (Fault("CreateJob", FaultKind.LOST), "unknown"),
    ],
)
@pytest.mark.parametrize("fail_fast", [True, False])
def test_fail_fast_begins_nothing_new(bench, fault, result, fail_fast):
    jobs = a_job("bad"), a_job("good")
    bench.emulator.fault(fault)
    outcomes = bench.carry_out(bench.plan(*jobs), *jobs, fail_fast=fail_fast, parallelism=1)
    assert [outcome.result for outcome in outcomes] == [result, "not-done" if fail_fast else "created"]


def test_after_what_is_stale_fail_fast_begins_nothing_new_and_a_usual_apply_goes_on(bench):
    jobs = a_job("a"), a_job("b")
    plan = bench.plan(*jobs)
    bench.emulator.seed({**a_spec(), "DisplayName": "a", "Status": "Running"})
    outcomes = bench.carry_out(plan, *jobs, fail_fast=True, parallelism=1)
    assert [outcome.result for outcome in outcomes] == ["stale", "not-done"]
    outcomes = bench.carry_out(plan, *jobs, parallelism=1)
    assert [outcome.result for outcome in outcomes] == ["stale", "created"]


def test_a_plan_applied_twice_creates_once(bench):
    job = a_job()
    plan = bench.plan(job)
    (first,) = bench.carry_out(plan, job)
    (second,) = bench.carry_out(plan, job)
    assert (second.result, second.job_id) == ("created", first.job_id)
    assert bench.writes == ["CreateJob"]


def test_a_run_of_ours_that_the_plan_did_not_know_makes_it_stale(bench):
    plan = bench.plan(a_job())
    bench.apply(a_job(UserCommand="other"))
    (outcome,) = bench.carry_out(plan, a_job())
    assert outcome.result == "stale"
    assert bench.writes == ["CreateJob"]


def test_a_strangers_run_of_the_name_makes_it_stale(bench):
    plan = bench.plan(a_job())
    bench.emulator.seed({**a_spec(), "DisplayName": "train", "Status": "Running"})
    (outcome,) = bench.carry_out(plan, a_job())
    assert (outcome.result, bench.writes) == ("stale", [])


def test_a_run_that_vanished_makes_a_rerun_stale(bench):
    bench.apply(a_job("short"))
    bench.emulator.turn(60)
    plan = bench.plan(a_job("short", UserCommand="other"))
    bench.emulator.change(plan.changes[0].target.job_id, DisplayName="elsewhere")
    (outcome,) = bench.carry_out(plan, a_job("short", UserCommand="other"))
    assert (outcome.result, bench.writes) == ("stale", ["CreateJob"])


def test_of_two_appliers_at_once_one_run_stays(make_emulator, tmp_path):
    """Both look before either create is listed; the later one stops what it made itself."""
    emulator, job = make_emulator(list_lag=1.0), a_job()
    bench, other = Bench(emulator, tmp_path / "one"), Bench(emulator, tmp_path / "two")
    plan = bench.plan(job)
    (first,) = other.carry_out(plan, job, context=other.context(clock=Frozen(other.clock)))
    (second,) = bench.carry_out(plan, job)
    assert first.result == "created"
    assert (second.result, second.job_id) == ("stale", first.job_id)
    assert "was stopped" in second.error.message
    assert second.request_id
    assert bench.statuses("train") == ["Running", "Stopped"]
    assert bench.apply(job) == {"train": "unchanged"}
    assert bench.writes == ["CreateJob", "CreateJob", "StopJob"]


def test_after_an_interrupt_nothing_new_is_begun(bench):
    interrupt = Interrupt()
    interrupt.ask(signal.SIGINT)
    outcomes = bench.carry_out(bench.plan(a_job()), a_job(), context=bench.context(interrupt=interrupt))
    assert [outcome.result for outcome in outcomes] == ["not-done"]
    assert bench.writes == []


def test_an_interrupt_ends_the_wait_for_an_unclear_create(bench):
    interrupt = Interrupt()
    bench.emulator.fault(Fault("CreateJob", FaultKind.LOST))
    bench.clock.on_sleep = lambda: interrupt.ask(signal.SIGTERM)
    before = bench.clock.now()
    (outcome,) = bench.carry_out(bench.plan(a_job()), a_job(), context=bench.context(interrupt=interrupt))
    assert outcome.result == "unknown"
    assert (bench.clock.now() - before).total_seconds() < 10


def test_a_look_that_fails_before_the_create_writes_nothing(bench):
    plan = bench.plan(a_job())
    bench.emulator.fault(Fault("ListJobs", FaultKind.ERROR, times=None))
    (outcome,) = bench.carry_out(plan, a_job())
    assert (outcome.result, bench.writes) == ("failed", [])


def test_looks_that_fail_while_settling_prove_nothing(bench):
    plan = bench.plan(a_job())
    bench.emulator.fault(Fault("CreateJob", FaultKind.LOST, effect=True))
    bench.emulator.fault(Fault("ListJobs", FaultKind.ERROR, after=1, times=6))
    (outcome,) = bench.carry_out(plan, a_job())
    assert outcome.result == "created"


def test_without_marks_an_unclear_create_is_found_by_name(make_emulator, tmp_path):
    emulator = make_emulator()
    bench = Bench(emulator, tmp_path, an_environment(identity=Identity.NAME))
    emulator.fault(Fault("CreateJob", FaultKind.LOST, effect=True))
    assert bench.apply(a_job()) == {"train": "created"}
    assert bench.apply(a_job()) == {"train": "unchanged"}
    assert bench.writes == ["CreateJob"]
    assert "Tags" not in bench.emulator.jobs()[0].get("Settings", {})


@pytest.fixture
def bench_by_name(make_emulator, tmp_path):
    """Runs are told by their names alone; listings are as late as a test wants."""
    return lambda **switches: Bench(
        make_emulator(**switches), tmp_path, an_environment(identity=Identity.NAME)
    )


@pytest.mark.parametrize(("effect", "result"), [(True, "created"), (False, "unknown")])
def test_without_marks_an_older_run_is_not_taken_for_the_one_that_is_looked_for(
    bench_by_name, effect, result
):
    bench = bench_by_name()
    for number in range(2):
        bench.apply(a_job("short", UserCommand=str(number)))
        bench.emulator.turn(60)
    after = a_job("short", UserCommand="other")
    bench.emulator.fault(Fault("CreateJob", FaultKind.LOST, effect=effect))
    (outcome,) = bench.carry_out(bench.plan(after), after)
    newest = bench.emulator.jobs()[-1]["JobId"] if effect else ""
    assert (outcome.result, outcome.job_id) == (result, newest)


@pytest.mark.parametrize("effect", [True, False])
def test_without_marks_a_first_create_that_was_lost_is_found_or_unknown(bench_by_name, effect):
    bench = bench_by_name()
    bench.emulator.fault(Fault("CreateJob", FaultKind.LOST, effect=effect))
    assert bench.apply(a_job()) == {"train": "created" if effect else "unknown"}


def test_without_marks_a_run_that_is_not_listed_yet_is_known_by_its_job_id(bench_by_name):
    bench = bench_by_name(list_lag=600.0)
    plan = bench.plan(a_job())
    bench.carry_out(plan, a_job())
    bench.emulator.turn(120)
    (outcome,) = bench.carry_out(plan, a_job())
    assert (outcome.result, bench.writes) == ("created", ["CreateJob"])


def plant(bench, job, plan, job_id):
    """Somebody wrote into the journal that the operation created this run."""
    (change,) = plan.changes
    bench.journal.conclude(op=change.op, name=job.name, result="created", job_id=job_id)


def test_without_marks_a_planted_entry_makes_no_run_of_another_name_ours(bench_by_name):
    bench = bench_by_name()
    bench.apply(a_job("other"))
    job = a_job()
    plan = bench.plan(job)
    plant(bench, job, plan, bench.emulator.jobs()[0]["JobId"])
    (outcome,) = bench.carry_out(plan, job)
    assert (outcome.result, bench.writes) == ("created", ["CreateJob", "CreateJob"])
    assert outcome.job_id == bench.emulator.jobs()[1]["JobId"]


@pytest.mark.parametrize("older", [0, 1])
def test_without_marks_a_planted_entry_makes_no_earlier_run_the_new_one(bench_by_name, older):
    bench = bench_by_name()
    for number in range(2):
        bench.apply(a_job("short", UserCommand=str(number)))
        bench.emulator.turn(60)
    after = a_job("short", UserCommand="other")
    plan = bench.plan(after)
    plant(bench, after, plan, bench.emulator.jobs()[older]["JobId"])
    (outcome,) = bench.carry_out(plan, after)
    assert (outcome.result, len(bench.writes)) == ("created", 3)


def test_a_planted_entry_about_somebody_elses_run_creates_all_the_same(bench):
    (strange,) = bench.emulator.seed({"DisplayName": "other", "Status": "Running"})
    plan = bench.plan(a_job())
    plant(bench, a_job(), plan, strange)
    (outcome,) = bench.carry_out(plan, a_job())
    assert (outcome.result, bench.writes) == ("created", ["CreateJob"])


def test_a_torn_line_in_the_journal_is_passed_over(bench):
    bench.journal.intend(op="a", name="x", call="CreateJob")
    path = bench.journal._path
    path.write_text(path.read_text() + '{"time": "2026', encoding="utf-8")
    bench.journal.intend(op="b", name="x", call="CreateJob")
    assert [entry["op"] for entry in bench.journal.entries()] == ["a", "b"]
    assert bench.journal.trail("b").since == bench.clock.now()
    bench.journal.conclude(op="b", name="x", result="refused")
    assert bench.journal.trail("b").since is None
    assert path.stat().st_mode & 0o077 == 0


def test_a_service_that_promotes_the_first_worker_leaves_nothing_to_do(make_emulator, tmp_path):
    bench = Bench(make_emulator(master_promotion=True), tmp_path)
    assert bench.apply(a_job()) == {"train": "created"}
    (row,) = bench.service.runs_named("train")
    assert [role["Type"] for role in row.body["JobSpecs"]] == ["Master", "Worker"]
    assert bench.apply(a_job()) == {"train": "unchanged"}


def test_a_run_that_no_listing_shows_yet_is_not_created_again(lagging_bench):
    """The journal knows its JobId, and GetJob knows the run."""
    bench = lagging_bench
    plan = bench.plan(a_job())
    bench.carry_out(plan, a_job())
    (outcome,) = bench.carry_out(plan, a_job())
    assert (outcome.result, outcome.job_id) == ("created", bench.emulator.jobs()[0]["JobId"])
    assert bench.writes == ["CreateJob"]


def test_a_run_that_neither_answer_shows_yet_is_waited_for(make_emulator, tmp_path):
    bench = Bench(make_emulator(list_lag=70.0, get_lag=30.0), tmp_path)
    plan = bench.plan(a_job())
    bench.carry_out(plan, a_job())
    (outcome,) = bench.carry_out(plan, a_job())
    assert (outcome.result, bench.writes) == ("created", ["CreateJob"])


def test_a_plan_counts_runs_that_were_created_here_and_are_not_listed_yet(lagging_bench):
    bench = lagging_bench
    bench.apply(a_job())
    assert [change.action for change in bench.plan(a_job(), records=Records()).changes] == ["create"]
    assert [change.action for change in bench.plan(a_job()).changes] == ["unchanged"]
    records = Records({"dlcgone": "train", "dlcother": "another-job"})
    assert [change.action for change in bench.plan(a_job(), records=records).changes] == ["create"]


@pytest.mark.parametrize("other_creates", [True, False])
def test_of_two_applies_on_one_machine_the_one_that_noted_it_first_creates(bench, tmp_path, other_creates):
    """Both found no intent when they began; the order of their lines in the journal decides."""
    other, plan = Bench(bench.emulator, tmp_path), bench.plan(a_job())
    service = Pausing(bench.service, before="runs_named")
    service.meanwhile = lambda: intend_once(other, plan.changes[0].op)
    bench.clock.on_sleep = lambda: (
        other_creates and has_given_way(bench) and not bench.writes and other.service.create(body(plan))
    )
    (outcome,) = bench.carry_out(plan, a_job(), context=bench.context(service=service))
    assert outcome.result == ("created" if other_creates else "stale")
    assert bench.writes == ["CreateJob"] * other_creates
    assert bench.journal.in_flight == ()


def intend_once(bench, op):
    if bench.journal.trail(op).since is None:
        bench.journal.intend(op=op, name="train", call="CreateJob")


def has_given_way(bench):
    return [entry["event"] for entry in bench.journal.entries()] == ["intent", "intent", "outcome"]


def body(plan):
    return create_body(a_job(), marks=marks_for(a_job(), op=plan.changes[0].op), env={})


def test_a_race_that_another_apply_won_before_this_one_created_stops_nothing(make_emulator, tmp_path):
    """A run that was found, not created here, is not ours to stop."""
    emulator, job = make_emulator(list_lag=1.0), a_job()
    bench, other = Bench(emulator, tmp_path / "one"), Bench(emulator, tmp_path / "two")
    plan = bench.plan(job)
    other.carry_out(plan, job, context=other.context(clock=Frozen(other.clock)))
    emulator.turn(5)
    (late,) = emulator.jobs()
    earlier = {**late, "JobId": "dlcearlier", "GmtCreateTime": "2026-11-22T00:00:00Z"}
    looks = iter([(), (earlier,)])
    service = Pausing(bench.service, before="runs_named")
    service.meanwhile = lambda: emulator.seed(*next(looks))
    (outcome,) = bench.carry_out(plan, job, context=bench.context(service=service))
    assert outcome.result == "stale"
    assert "dlcearlier" in outcome.error.message
    assert bench.writes == ["CreateJob"]


def test_a_run_that_is_listed_later_than_the_settle_window_is_known_by_its_job_id(make_emulator, tmp_path):
    bench = Bench(make_emulator(list_lag=600.0), tmp_path)
    plan = bench.plan(a_job())
    bench.carry_out(plan, a_job())
    bench.emulator.turn(120)
    before = bench.clock.now()
    (outcome,) = bench.carry_out(plan, a_job())
    assert (outcome.result, outcome.job_id) == ("created", bench.emulator.jobs()[0]["JobId"])
    assert bench.writes == ["CreateJob"]
    assert (bench.clock.now() - before).total_seconds() < 10


def test_the_newest_of_many_runs_is_gone_on_from(bench):
    for number in range(3):
        assert bench.apply(a_job("short", UserCommand=str(number))) == {"short": "created"}
        bench.emulator.turn(60)
    assert bench.writes == ["CreateJob"] * 3


class GoneError(BaseException):
    """The process is killed."""


def test_a_crash_after_the_call_is_waited_out_while_listings_lag(lagging_bench, tmp_path):
    """Only the intent in the journal tells the next process that a run may exist."""
    bench = lagging_bench
    dying = Pausing(bench.service, before="runs_named")
    made = bench.service.create
    bench.service.create = lambda body: (made(body), die())
    dying.meanwhile = lambda: None
    with pytest.raises(GoneError):
        bench.carry_out(bench.plan(a_job()), a_job(), context=bench.context(service=dying))
    again = Bench(bench.emulator, tmp_path)
    assert again.apply(a_job()) == {"train": "created"}
    assert bench.writes == ["CreateJob"]


def die():
    raise GoneError


def test_an_interrupt_while_an_older_intent_is_waited_for_creates_nothing(bench):
    plan, interrupt = bench.plan(a_job()), Interrupt()
    bench.journal.intend(op=plan.changes[0].op, name="train", call="CreateJob")
    bench.clock.on_sleep = lambda: interrupt.ask(signal.SIGINT)
    (outcome,) = bench.carry_out(plan, a_job(), context=bench.context(interrupt=interrupt))
    assert (outcome.result, bench.writes) == ("not-done", [])


def test_what_was_refused_is_tried_again_without_waiting(bench):
    bench.emulator.fault(Fault("CreateJob", FaultKind.ERROR, status=400, code="InvalidParameter"))
    assert bench.apply(a_job()) == {"train": "refused"}
    before = bench.clock.now()
    assert bench.apply(a_job()) == {"train": "created"}
    assert (bench.clock.now() - before).total_seconds() < 10


def test_a_run_that_is_looked_for_is_asked_for_ever_more_rarely(bench):
    bench.emulator.fault(Fault("CreateJob", FaultKind.LOST))
    assert bench.apply(a_job()) == {"train": "unknown"}
    assert sum(entry.operation == "ListJobs" for entry in bench.emulator.requests) < 20


def test_a_last_look_that_fails_leaves_the_outcomes_as_they_are(bench):
    plan = bench.plan(a_job())
    bench.emulator.fault(Fault("ListJobs", FaultKind.ERROR, after=1, times=None))
    (outcome,) = bench.carry_out(plan, a_job())
    assert outcome.result == "created"


def test_a_run_of_another_spec_that_came_and_ended_since_the_plan_makes_it_stale(make_emulator, tmp_path):
    emulator = make_emulator()
    bench, other = Bench(emulator, tmp_path / "one"), Bench(emulator, tmp_path / "two")
    plan = bench.plan(a_job("short"))
    other.apply(a_job("short", UserCommand="other"))
    emulator.turn(60)
    (outcome,) = bench.carry_out(plan, a_job("short"))
    assert (outcome.result, bench.writes) == ("stale", ["CreateJob"])
    assert "appeared after the plan was made" in outcome.error.message


@pytest.mark.parametrize("value", [None, "", "\n"])
def test_no_run_is_created_or_stopped_for_one_that_lacks_its_variable(bench, value):
    context = bench.context(env={"SOURCE": "sesame"})
    job = a_job(env_from=(EnvSource("KEY", "SOURCE"),), rules=RunRules(on_change=OnChange.REPLACE))
    bench.carry_out(bench.plan(job), job, context=context)
    changed = replace(job, spec={**job.spec, "UserCommand": "python other.py"})
    plan = bench.plan(changed, allow_replace=frozenset({"train"}))
    (change,) = plan.changes
    assert change.action is Action.REPLACE
    lacking = bench.context(env={} if value is None else {"SOURCE": value})
    (outcome,) = bench.carry_out(plan, changed, context=lacking)
    assert outcome.result is Result.FAILED
    assert "SOURCE" in outcome.error.message
    assert [entry.operation for entry in bench.emulator.writes] == ["CreateJob"]
