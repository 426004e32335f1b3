"""(jobs, runs) → plan, with plain values."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dlcapply.model.findings import Level
from dlcapply.model.jobs import EnvSource, Identity, Limits, OnChange, RunRules, State
from dlcapply.model.plans import Action, Behaviour, FieldKind
from dlcapply.model.runs import Run
from dlcapply.planning.masking import MASK
from tests.builders import NOW, a_job, a_plan, a_run, a_spec, an_environment, only_change, without_marks

QUOTA = {"ResourceId": "quota1", "Priority": 3}


def fields(change):
    return {field.path: (field.before, field.after, field.behaviour) for field in change.fields}


def test_a_job_without_a_run_is_created_with_its_ceiling():
    change = only_change(a_job())
    assert (change.action, change.reason.code, change.target) == (Action.CREATE, "first-run", None)
    assert change.op
    assert (change.spend.accelerators, change.spend.hours) == (2, 2.0)


@pytest.mark.parametrize("status", ["Creating", "Queuing", "Running", "Restarting"])
def test_an_active_run_as_declared_is_left_alone(status):
    job = a_job()
    change = only_change(job, live=(a_run(job, status),))
    assert (change.action, change.fields, change.op) == (Action.UNCHANGED, (), "")


@pytest.mark.parametrize(
    "status", ["Succeeded", "SucceededReserving", "FailedReserving", "Stopped", "Failed"]
)
def test_an_ended_run_is_never_repeated_because_nothing_changed(status):
    job = a_job()
    drifted = a_run(job, status, Envs={"LR": "other"}, UserCommand="other")
    assert only_change(job, live=(drifted,)).action is Action.UNCHANGED


def test_a_changed_variable_blocks_an_active_run_and_reruns_an_ended_one():
    before, after = a_job(), a_job(Envs={"LR": "3e-4"})
    blocked = only_change(after, live=(a_run(before),))
    assert blocked.action is Action.BLOCKED
    assert fields(blocked) == {"Envs.LR": ("1e-4", "3e-4", Behaviour.NEEDS_RUN)}
    assert blocked.fields[0].kind is FieldKind.CHANGED
    rerun = only_change(after, live=(a_run(before, "Succeeded"),))
    assert (rerun.action, rerun.reason.code) == (Action.RERUN, "new-spec")
    assert fields(rerun) == fields(blocked)


def test_a_removed_variable_shows_and_so_does_the_last_one():
    before = a_job(Envs={"LR": "1", "SEED": "7"})
    assert "Envs.SEED" in fields(only_change(a_job(Envs={"LR": "1"}), live=(a_run(before),)))
    assert "Envs.LR" in fields(only_change(a_job(Envs=None), live=(a_run(before),)))


def test_pod_count_shows_by_role():
    spec = a_spec()["JobSpecs"]
    after = a_job(JobSpecs=[{**spec[0], "PodCount": 4}])
    change = only_change(after, live=(a_run(a_job()),))
    assert fields(change) == {"JobSpecs[Worker].PodCount": (2, 4, Behaviour.NEEDS_RUN)}


def test_drift_by_another_hand_is_told_apart():
    job = a_job()
    change = only_change(job, live=(a_run(job, UserCommand="rm -rf /"),))
    assert change.action is Action.BLOCKED
    assert [field.kind for field in change.fields] == [FieldKind.DRIFTED]


def test_a_removed_struct_field_is_named_although_it_cannot_be_shown():
    before = a_job(ThirdpartyLibDir="/root/code")
    change = only_change(a_job(), live=(a_run(before),))
    assert change.action is Action.BLOCKED
    assert [(field.path, field.kind) for field in change.fields] == [("spec", FieldKind.UNREADABLE)]


def test_a_changed_unreadable_field_is_named():
    before, after = a_job(SuccessPolicy="AllWorkers"), a_job(SuccessPolicy="ChiefWorker")
    live = a_run(before)
    body = {key: value for key, value in live.body.items() if key != "SuccessPolicy"}
    change = only_change(after, live=(replace(live, body=body),))
    assert [(field.path, field.kind) for field in change.fields] == [("SuccessPolicy", FieldKind.UNREADABLE)]


@pytest.mark.parametrize(
    ("status", "spec", "action"),
    [
        ("Queuing", QUOTA, Action.UPDATE),
        ("EnvPreparing", QUOTA, Action.UPDATE),
        ("Running", QUOTA, Action.UNCHANGED),
        ("Queuing", {"Priority": 3}, Action.UNCHANGED),
    ],
)
def test_priority_is_updated_only_where_pai_does_it(status, spec, action):
    before = a_job(**spec)
    after = a_job(**(spec | {"Priority": 5}))
    plan = a_plan(after, live=(a_run(before, status),))
    assert plan.changes[0].action is action
    warned = [finding.rule for finding in plan.findings]
    assert warned == ([] if action is Action.UPDATE else ["ignored-by-pai"])


def test_description_is_updated_in_any_active_status_and_accessibility_only_widened():
    run = a_run(a_job(Description="old"))
    assert only_change(a_job(Description="new"), live=(run,)).action is Action.UPDATE
    assert only_change(a_job(Accessibility="PUBLIC"), live=(a_run(a_job()),)).action is Action.UPDATE
    public = a_run(a_job(Accessibility="PUBLIC"))
    assert only_change(a_job(Accessibility="PRIVATE"), live=(public,)).action is Action.UNCHANGED


@pytest.mark.parametrize(
    ("spec", "action"),
    [
        ({"Description": "new"}, Action.UPDATE),
        ({"Accessibility": "PUBLIC"}, Action.UPDATE),
        ({"Priority": 5}, Action.UNCHANGED),
        ({"Accessibility": "PRIVATE", "Priority": 1}, Action.UNCHANGED),
    ],
)
def test_a_field_that_no_mark_covers_is_added_to_a_run_that_lacks_it(spec, action):
    bare = a_run(a_job())
    body = {key: value for key, value in bare.body.items() if key not in {"Priority", "Accessibility"}}
    assert only_change(a_job(**spec), live=(replace(bare, body=body),)).action is action


def test_a_field_that_needs_a_run_outweighs_one_that_does_not():
    after = a_job(Description="new", UserCommand="other")
    assert only_change(after, live=(a_run(a_job(Description="old")),)).action is Action.BLOCKED


def test_what_only_getjob_shows_is_not_compared_with_a_listing():
    before = a_run(a_job(Description="old"), detailed=False)
    body = {key: value for key, value in before.body.items() if key != "Description"}
    change = only_change(a_job(Description="new"), live=(replace(before, body=body),))
    assert change.action is Action.UNCHANGED


def test_a_new_token_asks_for_a_new_run():
    again = a_job(rules=RunRules(token="2"))
    assert only_change(again, live=(a_run(a_job(), "Succeeded"),)).reason.code == "new-token"
    assert only_change(again, live=(a_run(a_job()),)).action is Action.BLOCKED


def test_replace_needs_both_consents_and_names_the_loss():
    before, after = a_job(), a_job(UserCommand="other", rules=RunRules(on_change=OnChange.REPLACE))
    live = (a_run(before, GmtRunningTime="2026-11-23T10:30:00Z"),)
    refused = only_change(after, live=live)
    assert (refused.action, refused.consent.given) == (Action.BLOCKED, False)
    allowed = only_change(after, live=live, allow_replace=frozenset({"train"}))
    assert (allowed.action, allowed.consent.given) == (Action.REPLACE, True)
    assert "about 3.0 accelerator-hours" in allowed.reason.text
    assert allowed.op
    assert allowed.spend is not None


def test_retries_count_runs_of_this_spec_and_token_only():
    job = a_job(rules=RunRules(retries=2))
    failed = [a_run(job, "Failed", number=number) for number in (1, 2, 3)]
    assert only_change(job, live=tuple(failed[:1])).reason.text.endswith("retry 1 of 2")
    assert only_change(job, live=tuple(failed[:2])).reason.text.endswith("retry 2 of 2")
    assert only_change(job, live=tuple(failed)).action is Action.UNCHANGED
    other = a_run(a_job(UserCommand="older"), "Failed", number=1)
    assert only_change(job, live=(other, *failed[1:2])).action is Action.RERUN


def test_the_newest_run_of_ours_decides():
    job = a_job()
    old, new = a_run(job, "Failed", number=1), a_run(job, "Succeeded", number=2)
    assert only_change(job, live=(new, old)).target.job_id == new.job_id


def test_several_active_runs_are_a_conflict():
    job = a_job()
    change = only_change(job, live=(a_run(job, number=1), a_run(job, number=2)))
    assert (change.action, change.reason.code) == (Action.BLOCKED, "conflict")
    assert "dlc001" in change.reason.text
    assert "dlc002" in change.reason.text


def test_an_active_run_behind_an_ended_one_blocks_a_rerun():
    live = (a_run(a_job(), number=1), a_run(a_job(), "Succeeded", number=2))
    assert only_change(a_job(UserCommand="other"), live=live).action is Action.BLOCKED


@pytest.mark.parametrize(
    "stranger",
    [
        without_marks,
        lambda run: replace(run, body={**run.body, "Settings": {"Tags": {"dlcapply-owner": "other/local"}}}),
        lambda run: replace(
            run, body={**run.body, "Settings": {"Tags": {**run.tags, "CloneFromJobID": "dlc9"}}}
        ),
    ],
)
def test_an_active_run_of_the_name_that_is_not_ours_blocks_and_is_shown(stranger):
    job = a_job()
    rival = stranger(a_run(a_job(UserCommand="theirs")))
    change = only_change(job, live=(rival,))
    assert (change.action, change.reason.code) == (Action.BLOCKED, "name-taken")
    assert "UserCommand" in fields(change)
    ended = replace(rival, status="Succeeded")
    plan = a_plan(job, live=(ended,))
    assert plan.changes[0].action is Action.CREATE
    assert [finding.rule for finding in plan.findings] == ["same-name"]


def test_the_later_of_two_runs_of_one_operation_is_a_clone():
    job = a_job()
    first = a_run(job, number=1)
    copy = Run("dlc002", job.name, "Running", "2026-11-02T00:00:00Z", first.body, detailed=True)
    plan = a_plan(job, live=(copy, first))
    assert (plan.changes[0].action, plan.changes[0].target.job_id) == (Action.UNCHANGED, "dlc001")
    assert [finding.rule for finding in plan.findings] == ["same-name"]


def test_state_stopped_stops_and_protect_forbids_it():
    stop = a_job(rules=RunRules(state=State.STOPPED))
    assert only_change(stop, live=(a_run(a_job()),)).action is Action.STOP
    assert only_change(stop, live=(a_run(a_job(), "Succeeded"),)).action is Action.UNCHANGED
    assert only_change(stop).action is Action.UNCHANGED
    kept = a_job(rules=RunRules(state=State.STOPPED, protect=True))
    assert only_change(kept, live=(a_run(a_job()),)).action is Action.BLOCKED


def test_not_after_forbids_every_create():
    past = RunRules(not_after=NOW - timedelta(seconds=1), retries=1, on_change=OnChange.REPLACE)
    job = a_job(rules=past)
    assert only_change(job).action is Action.UNCHANGED
    assert only_change(job, live=(a_run(job, "Failed"),)).action is Action.UNCHANGED
    changed = a_job(UserCommand="other", rules=past)
    assert only_change(changed, live=(a_run(job, "Succeeded"),)).action is Action.UNCHANGED
    replaced = only_change(changed, live=(a_run(job),), allow_replace=frozenset({"train"}))
    assert replaced.action is Action.BLOCKED
    at_that_moment = a_job(rules=RunRules(not_after=NOW))
    assert only_change(at_that_moment).action is Action.CREATE


def test_orphans_are_warned_about_and_stopped_only_by_prune():
    orphan = a_run(a_job("old"))
    warned = a_plan(live=(orphan,), complete=True)
    assert warned.changes == ()
    assert [(finding.rule, finding.level) for finding in warned.findings] == [("orphan", Level.WARNING)]
    pruned = only_change(live=(orphan,), complete=True, prune=True)
    assert (pruned.name, pruned.action, pruned.target.job_id) == ("old", Action.STOP, "dlc001")


def test_prune_leaves_alone_what_is_protected_doubled_ended_or_not_ours():
    protected = a_run(a_job("old", rules=RunRules(protect=True)))
    assert only_change(live=(protected,), complete=True, prune=True).action is Action.BLOCKED
    doubled = (a_run(a_job("old"), number=1), a_run(a_job("old"), number=2))
    assert only_change(live=doubled, complete=True, prune=True).action is Action.BLOCKED
    for harmless in (a_run(a_job("old"), "Succeeded"), without_marks(a_run(a_job("old")))):
        assert a_plan(live=(harmless,), complete=True, prune=True).changes == ()


def test_prune_stops_nothing_while_a_run_of_the_same_name_keeps_a_job_from_starting():
    """A job that was renamed and edited at once would have no run at all: its old one is the orphan."""
    orphan = a_run(a_job("old", UserCommand="what it did"))
    rival = without_marks(a_run(a_job("new"), number=2))
    plan = a_plan(a_job("new"), live=(orphan, rival), complete=True, prune=True)
    assert [(change.action, change.reason.code) for change in plan.changes] == [
        (Action.BLOCKED, "name-taken"),
        (Action.BLOCKED, "orphan-held"),
    ]
    assert plan.changes[1].reason.text.endswith("prune does not stop it while new is kept from starting")
    (warning,) = (
        one
        for one in a_plan(a_job("new"), live=(orphan, rival), complete=True).findings
        if one.rule == "orphan"
    )
    assert "kept from starting" in warning.message
    ended = replace(rival, status="Succeeded")
    plan = a_plan(a_job("new"), live=(orphan, ended), complete=True, prune=True)
    assert [change.action for change in plan.changes] == [Action.CREATE, Action.STOP]
    running = a_run(a_job("new", UserCommand="old"), number=3)
    replaced = replace(a_job("new"), rules=RunRules(on_change=OnChange.REPLACE))
    plan = a_plan(
        replaced,
        live=(orphan, rival, running),
        complete=True,
        prune=True,
        allow_replace=frozenset({"new"}),
    )
    assert [(change.action, change.reason.code) for change in plan.changes] == [
        (Action.BLOCKED, "name-taken"),
        (Action.STOP, "orphan"),
    ]


def test_without_all_manifests_nothing_is_an_orphan():
    assert a_plan(live=(a_run(a_job("old")),), complete=False, prune=True).changes == ()


def test_an_unknown_status_is_active_and_untouchable():
    job = a_job()
    plan = a_plan(job, live=(a_run(job, "Hibernating"),))
    assert plan.changes[0].action is Action.UNCHANGED
    assert [finding.rule for finding in plan.findings] == ["unknown-status"]
    assert only_change(a_job(UserCommand="x"), live=(a_run(job, "Hibernating"),)).action is Action.BLOCKED


def test_values_from_the_environment_and_secrets_are_never_in_a_plan():
    source = (EnvSource("FOO", "FOO"),)
    before = a_job(env_from=source, Envs={"WANDB_API_KEY": "s3cret-1", "URL": "https://me:s3cret-2@host/"})
    run = a_run(before, env={"FOO": "s3cret-3"})
    assert only_change(before, live=(run,)).action is Action.UNCHANGED
    after = a_job(Envs={"WANDB_API_KEY": "s3cret-4", "URL": "x"})
    text = repr(a_plan(after, live=(run,)))
    assert "FOO" in text
    assert "s3cret" not in text


def test_a_variable_from_the_environment_that_the_run_lacks_is_told_and_asks_for_nothing():
    change = only_change(a_job(env_from=(EnvSource("FOO", "FOO"),)), live=(a_run(a_job()),))
    assert change.action is Action.UNCHANGED
    assert fields(change) == {"Envs.FOO": (None, "(from the environment)", Behaviour.IGNORED)}


def test_a_variable_that_no_longer_comes_from_the_environment_is_told_and_never_shown():
    run = a_run(a_job(env_from=(EnvSource("FOO", "FOO"),)), env={"FOO": "s3cret"})
    change = only_change(a_job(), live=(run,))
    assert (change.action, change.reason.code) == (Action.UNCHANGED, "ignored-by-pai")
    assert fields(change) == {"Envs.FOO": (MASK, None, Behaviour.IGNORED)}


def test_a_variable_that_becomes_a_literal_needs_a_new_run():
    run = a_run(a_job(env_from=(EnvSource("FOO", "FOO"),)), env={"FOO": "s3cret"})
    change = only_change(a_job(Envs={"LR": "1e-4", "FOO": "x"}), live=(run,))
    assert fields(change) == {"Envs.FOO": (MASK, MASK, Behaviour.NEEDS_RUN)}


def test_labels_are_tags_but_no_reason_to_run_again():
    before, after = a_job(labels={"team": "a"}), a_job(labels={"team": "b"})
    run = a_run(before)
    assert run.tags["team"] == "a"
    assert only_change(after, live=(run,)).action is Action.UNCHANGED
    changed = only_change(a_job(labels={"team": "b"}, Settings={"Tags": {"x": "1"}}), live=(run,))
    assert set(fields(changed)) == {"Settings.Tags.team", "Settings.Tags.x"}


def test_without_marks_readable_fields_alone_decide():
    environment = an_environment(identity=Identity.NAME)
    job = a_job()
    run = without_marks(a_run(job))
    assert only_change(job, live=(run,), environment=environment).action is Action.UNCHANGED
    ended = replace(run, status="Succeeded")
    assert only_change(job, live=(ended,), environment=environment).action is Action.UNCHANGED
    changed = a_job(UserCommand="other")
    assert only_change(changed, live=(ended,), environment=environment).action is Action.RERUN
    retried = a_job(rules=RunRules(retries=1))
    failed = [replace(run, job_id=f"dlc{n}", status="Failed") for n in (1, 2)]
    assert only_change(retried, live=tuple(failed[:1]), environment=environment).action is Action.RERUN
    assert only_change(retried, live=tuple(failed), environment=environment).action is Action.UNCHANGED


@pytest.mark.parametrize(
    ("limits", "rule"),
    [
        (Limits(gpu_hours=1.9), "limit-gpu-hours"),
        (Limits(gpu_hours=2.0), None),
        (Limits(creates=0), "limit-creates"),
        (Limits(creates=1), None),
    ],
)
def test_limits_on_what_is_created(limits, rule):
    plan = a_plan(a_job(), environment=an_environment(limits=limits))
    assert [finding.rule for finding in plan.findings] == ([rule] if rule else [])
    assert all(finding.level is Level.ERROR for finding in plan.findings)


def test_an_unbounded_job_is_over_any_limit_unless_allowed():
    job = a_job(JobMaxRunningTimeMinutes=None)
    strict = an_environment(limits=Limits(gpu_hours=1e9))
    assert [f.rule for f in a_plan(job, environment=strict).findings] == ["limit-gpu-hours"]
    allowed = an_environment(limits=Limits(gpu_hours=1e9, unbounded_allowed=True))
    assert a_plan(job, environment=allowed).findings == ()
    cpu = a_job(JobMaxRunningTimeMinutes=None, JobSpecs=[{"Type": "Worker", "EcsSpec": "ecs.c6.large"}])
    assert a_plan(cpu, environment=strict, accelerators={"ecs.c6.large": 0}).findings == ()
    unknown = a_job(JobSpecs=[{"Type": "Worker", "EcsSpec": "ecs.new"}])
    assert [f.rule for f in a_plan(unknown, environment=strict).findings] == ["limit-gpu-hours"]


def test_limits_on_what_is_stopped():
    stopped = [a_job(f"j{n}", rules=RunRules(state=State.STOPPED)) for n in range(2)]
    kept = [a_job(f"k{n}") for n in range(3)]
    live = tuple(a_run(job) for job in (*stopped, *kept))
    by_number = an_environment(limits=Limits(stops=1))
    assert [f.rule for f in a_plan(*stopped, *kept, live=live, environment=by_number).findings] == [
        "limit-stops"
    ]
    by_percent = an_environment(limits=Limits(stops_percent=39))
    assert [f.rule for f in a_plan(*stopped, *kept, live=live, environment=by_percent).findings] == [
        "limit-stops-percent"
    ]
    enough = an_environment(limits=Limits(stops=2, stops_percent=40))
    assert a_plan(*stopped, *kept, live=live, environment=enough).findings == ()
    few = (a_run(stopped[0]), a_run(kept[0]))
    assert a_plan(stopped[0], kept[0], live=few, environment=by_percent).findings == ()


def test_the_digest_is_over_what_would_be_done_only():
    job = a_job(UserCommand="other")
    queued, running = (a_run(a_job(), status) for status in ("Queuing", "Running"))
    assert a_plan(job, live=(queued,)).digest == a_plan(job, live=(running,)).digest
    assert a_plan(job).digest != a_plan(a_job()).digest
    assert a_plan(job).digest == a_plan(replace(job, place=None)).digest
    assert a_plan(job).digest != a_plan(job, prune=True).digest
    done = a_job("done")
    assert a_plan(job, done, live=(a_run(done, "Succeeded"),)).digest == a_plan(job).digest
    assert a_plan(job, live=(a_run(a_job(), "Succeeded"),)).digest != a_plan(job).digest


def test_a_start_counts_with_the_retries_that_may_follow():
    job = a_job(rules=RunRules(retries=2))
    failed = tuple(a_run(job, "Failed", number=number) for number in (1, 2))
    plans = [a_plan(job, live=failed[:count]) for count in (0, 1, 2)]
    assert [plan.changes[0].spend.runs for plan in plans] == [3, 2, 1]
    assert [plan.changes[0].spend.hours for plan in plans] == [6.0, 4.0, 2.0]
    other = a_job(UserCommand="other", rules=RunRules(retries=2))
    assert only_change(other, live=failed).spend.runs == 3
    limited = an_environment(limits=Limits(gpu_hours=5))
    assert [f.rule for f in a_plan(job, environment=limited).findings] == ["limit-gpu-hours"]


STARTED = "2026-11-23T09:30:00Z"


@pytest.mark.parametrize(
    ("job", "options", "action"),
    [
        (a_job(rules=RunRules(state=State.STOPPED)), {}, "stop"),
        (
            a_job("other", UserCommand="o", rules=RunRules(not_after=NOW - timedelta(days=9))),
            {"prune": True},
            "stop",
        ),
        (
            a_job(UserCommand="other", rules=RunRules(on_change=OnChange.REPLACE)),
            {"allow_replace": frozenset({"train"})},
            "replace",
        ),
    ],
)
@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ({"accelerators": {"ecs.gn7i-c8g1.2xlarge": 1}}, "about 5.0 accelerator-hours of work"),
        ({"accelerators": {}}, "an unknown number of accelerator-hours of work"),
        (
            {"accelerators": {"ecs.gn7i-c8g1.2xlarge": 0}, "cpus": {"ecs.gn7i-c8g1.2xlarge": 8}},
            "about 40.0 CPU-hours of work",
        ),
    ],
)
def test_every_line_that_stops_a_run_says_what_is_lost(job, options, action, sizes, words):
    live = (a_run(a_job(), GmtRunningTime=STARTED),)
    changes = a_plan(job, live=live, complete=True, **options, **sizes).changes
    (change,) = (change for change in changes if change.action.stops_a_run)
    assert (change.action, words in change.reason.text) == (action, True)


def test_quota_jobs_count_their_gpus():
    role = {"Type": "Worker", "PodCount": 3, "ResourceConfig": {"GPU": "8", "CPU": "96"}}
    spend = only_change(a_job(JobSpecs=[role], ResourceId="quota1")).spend
    assert (spend.accelerators, spend.hours) == (24, 24.0)
    odd = {"Type": "Worker", "ResourceConfig": {"GPU": "half"}}
    assert only_change(a_job(JobSpecs=[odd])).spend.hours is None
