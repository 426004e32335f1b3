from __future__ import annotations

from dataclasses import replace

import pytest

from dlcapply.model.claims import OwnerMarks
from dlcapply.model.findings import Finding, Level, Place
from dlcapply.model.jobs import Identity, View
from dlcapply.model.plans import (
    Action,
    Behaviour,
    Change,
    ClaimedRun,
    Consent,
    Cost,
    FieldChange,
    FieldKind,
    Reason,
    Scope,
    Spend,
    Target,
)
from dlcapply.model.runs import Visibility
from dlcapply.planning.visibility import UNSEEN_JOBS
from dlcapply.rendering.text.lines import Style, to_rich, to_text
from dlcapply.rendering.text.plan_words import LOOKS
from dlcapply.rendering.text.plans import plan_lines
from dlcapply.rendering.text.spends import spend_text

LR = FieldChange("Envs.LR", FieldKind.CHANGED, "1e-4", "3e-4", Behaviour.NEEDS_RUN)
NO_LIMIT = Spend(8, None, unbounded_by=("JobMaxRunningTimeMinutes",))
PRIORITY = FieldChange("Priority", FieldKind.CHANGED, 3, 5, Behaviour.IN_PLACE)

BERT = Change(
    "bert-base",
    Action.RERUN,
    Reason("new-spec", "the spec changed since dlc1abc (Succeeded)"),
    Place("jobs/bert.yaml", 3),
    Target("dlc1abc", "Succeeded"),
    "op1",
    (LR,),
    NO_LIMIT,
)
GPT = Change(
    "gpt",
    Action.BLOCKED,
    Reason(
        "on-change-block", "PAI can't change dlc3 (Running) in place; wait for its end, or change onChange"
    ),
    target=Target("dlc3", "Running"),
    fields=(LR,),
)
MNIST = Change(
    "mnist", Action.UNCHANGED, Reason("equal", "dlc6 (Running) is as declared"), Place("jobs/m.yaml", 1)
)
OLD = Change(
    "old-job", Action.STOP, Reason("orphan", "no manifest declares it"), target=Target("dlc9", "Running")
)
RESNET = Change(
    "resnet50-imagenet",
    Action.CREATE,
    Reason("first-run", "no run of this job yet"),
    op="op2",
    spend=Spend(8, 96.0),
)
RANKING = Change(
    "tf-ranking",
    Action.UPDATE,
    Reason("in-place", "PAI changes this in dlc7 (Queuing)"),
    target=Target("dlc7", "Queuing"),
    fields=(PRIORITY,),
)
WIDE = Change(
    "wide-deep",
    Action.REPLACE,
    Reason("replace", "stops dlc2 (Running) and starts a new run; 12.5 accelerator-hours lost"),
    target=Target("dlc2", "Running"),
    spend=Spend(4, 32.0),
    consent=Consent("--allow-replace wide-deep", given=True),
)
XGB = Change("xgb", Action.WAITING, Reason("stopping", "until dlc5 (Stopping) has stopped"))

HEADER = """\
Plan for environment local (cn-hangzhou, workspace 1001, endpoint emulator)
Owner vision-team/local.
Looked at 412 jobs created since 2000-01-01 in workspace 1001.
"""

EVERYTHING = f"""\
{HEADER}
  > bert-base          rerun    the spec changed since dlc1abc (Succeeded)
      no limit: 8 accelerators, and no JobMaxRunningTimeMinutes
      Envs.LR: "1e-4" → "3e-4"  (needs a new run)

  ! gpt                blocked
      PAI can't change dlc3 (Running) in place; wait for its end, or change onChange
      Envs.LR: "1e-4" → "3e-4"  (needs a new run)

  - old-job            stop     no manifest declares it
      run dlc9 (Running)
  + resnet50-imagenet  create   no run of this job yet
      at most 96 accelerator-hours on 8 accelerators

  ~ tf-ranking         update   PAI changes this in dlc7 (Queuing)
      Priority: 3 → 5  (in place)

-/+ wide-deep          replace
      stops dlc2 (Running) and starts a new run; 12.5 accelerator-hours lost
      at most 32 accelerator-hours on 4 accelerators
      consent given: --allow-replace wide-deep
  . xgb                waiting  until dlc5 (Stopping) has stopped

warning  same-name  dlc8 (Succeeded) has this name and is not ours
    hint: give this job a name of its own

Plan: 1 to create, 1 to rerun, 1 to update, 1 to replace, 1 to stop, 1 blocked, 1 waiting, 1 unchanged.
At most 128 accelerator-hours, plus 1 job without a limit.
Digest: 3f9c
Apply exactly this plan:
  dlcapply apply --yes --expect 3f9c
"""
SAME_NAME = Finding(
    "same-name",
    Level.WARNING,
    "dlc8 (Succeeded) has this name and is not ours",
    "give this job a name of its own",
)
CHANGES = (BERT, GPT, MNIST, OLD, RESNET, RANKING, WIDE, XGB)
COMMAND = "dlcapply apply --yes --expect 3f9c"


def text(plan, **options):
    return to_text(plan_lines(plan, **options))


def body(plan, **options):
    """The lines between the header and the counts."""
    return text(plan, **options).removeprefix(f"{HEADER}\n").partition("\n\nPlan: ")[0].splitlines()


def footer(plan, **options):
    return text(plan, **options).partition("\n\nPlan: ")[2].splitlines()[1:]


def test_the_whole_plan(make_plan):
    assert text(make_plan(*CHANGES, findings=(SAME_NAME,)), apply_command=COMMAND) == EVERYTHING


def test_the_plan_fits_80_columns_on_a_terminal(make_plan):
    lines = plan_lines(make_plan(*CHANGES, findings=(SAME_NAME,)), apply_command=COMMAND)
    assert max(map(len, to_rich(lines, width=80).plain.split("\n"))) <= 80


def test_full_lists_unchanged_jobs_with_their_reason_and_places(make_plan):
    assert body(make_plan(MNIST, XGB), full=True) == [
        "  = mnist  unchanged  dlc6 (Running) is as declared",
        "      declared at jobs/m.yaml:1:1",
        "  . xgb    waiting    until dlc5 (Stopping) has stopped",
    ]


def test_nothing_to_do(make_plan):
    assert text(make_plan(MNIST), apply_command=COMMAND) == (
        f"{HEADER}\nNo changes: 1 job unchanged, --full says why.\nDigest: 3f9c\n"
    )


def test_nothing_to_do_in_full(make_plan):
    assert text(make_plan(MNIST), full=True).splitlines()[-2] == "No changes: 1 job unchanged."


def test_nothing_at_all(make_plan):
    assert text(make_plan()) == f"{HEADER}\nNo changes: 0 jobs unchanged.\nDigest: 3f9c\n"


def test_a_name_of_any_length_keeps_the_columns_of_the_others(make_plan):
    long = "n" * 256
    create = Change(long, Action.CREATE, Reason("first-run", "no run of this job yet"))
    assert body(make_plan(create, XGB)) == [
        f"  + {long}  create",
        "      no run of this job yet",
        "  . xgb  waiting  until dlc5 (Stopping) has stopped",
    ]


@pytest.mark.parametrize(("spare", "rows"), [(0, 1), (1, 2)])
def test_a_reason_stands_beside_the_action_up_to_column_80(make_plan, spare, rows):
    reason = "r" * (80 - len("  + gpt  create  ") + spare)
    shown = body(make_plan(Change("gpt", Action.CREATE, Reason("first-run", reason))))
    assert len(shown) == rows
    assert max(map(len, shown)) <= 80


def test_missing_consent_is_asked_for(make_plan):
    change = Change(
        "a", Action.BLOCKED, Reason("x", "it is running"), consent=Consent("--allow-replace a", given=False)
    )
    assert body(make_plan(change))[1] == "      needs consent: --allow-replace a"


def test_a_consent_that_the_reason_names_is_not_repeated(make_plan):
    reason = Reason("needs-consent", "replacing dlc1 (Running) needs --allow-replace a")
    change = Change("a", Action.BLOCKED, reason, consent=Consent("--allow-replace a", given=False))
    assert len(body(make_plan(change))) == 1


def test_the_command_is_left_out_where_nothing_is_written(make_plan):
    assert footer(make_plan(XGB, GPT), apply_command=COMMAND) == ["Digest: 3f9c"]


def test_the_command_is_left_out_where_a_limit_forbids_the_plan(make_plan):
    over = Finding("limit-creates", Level.ERROR, "2 runs to create, and the limit is 1")
    assert footer(make_plan(OLD, findings=(over,)), apply_command=COMMAND) == ["Digest: 3f9c"]
    assert footer(make_plan(OLD, findings=(SAME_NAME,)), apply_command=COMMAND)[-1] == f"  {COMMAND}"


def seen(plan, sees, view=None):
    environment, census = replace(plan.environment, view=view), replace(plan.census, sees=sees)
    return replace(plan, environment=environment, census=census)


@pytest.mark.parametrize("sees", [Visibility.OWN, Visibility.UNKNOWN])
def test_the_command_is_left_out_where_nobody_answers_for_what_is_not_seen(make_plan, sees):
    plan = make_plan(RESNET)
    assert footer(seen(plan, sees), apply_command=COMMAND)[-1] == "Digest: 3f9c"
    assert footer(seen(plan, sees, View.OWN), apply_command=COMMAND)[-1] == f"  {COMMAND}"
    assert footer(seen(make_plan(OLD), sees), apply_command=COMMAND)[-1] == f"  {COMMAND}"


def test_what_may_be_missing_is_said_in_the_headline(make_plan):
    plan = make_plan(RESNET, findings=(Finding(UNSEEN_JOBS, Level.WARNING, "message"),))
    rows = [text(seen(plan, sees)).splitlines()[3] for sees in (Visibility.OWN, Visibility.UNKNOWN)]
    assert rows == [
        "Others' PRIVATE jobs are not seen: what they started may count as none here.",
        "Others' PRIVATE jobs may not be seen: what they started may count as none here.",
    ]
    assert text(seen(plan, Visibility.OWN, View.OWN)).splitlines()[3].endswith("; view: own.")
    assert "PRIVATE" not in text(seen(make_plan(RESNET), Visibility.OWN))


@pytest.mark.parametrize(
    ("spends", "total"),
    [
        ((Spend(8, 96.0), Spend(1, 1.5)), "At most 97.5 accelerator-hours."),
        ((Spend(8, None), Spend(0, None, ("ecs.x",))), "2 jobs without a limit on accelerator-hours."),
        ((Spend(8, 96.0), Spend(8, None)), "At most 96 accelerator-hours, plus 1 job without a limit."),
        ((Spend(0, 0.0),), "No accelerator-hours."),
        ((Spend(0, 0.0, cpus=8, cpu_hours=16.0),), "At most 16 CPU-hours."),
        (
            (Spend(8, 96.0, cpus=64, cpu_hours=768.0), Spend(0, 0.0, cpus=8, cpu_hours=16.0)),
            "At most 96 accelerator-hours and 784 CPU-hours.",
        ),
        (
            (Spend(8, 96.0, cpus=64, cpu_hours=768.0), Spend(0, 0.0, cpus=8, cpu_hours=None)),
            "At most 96 accelerator-hours, plus 1 job without a known limit on CPU-hours.",
        ),
        ((Spend(0, 0.0, cpu_hours=None),), "1 job without a known limit on CPU-hours."),
        (
            (Spend(8, 96.0, can_exceed=("ElasticSpec",)), Spend(1, 2.0)),
            "Up to 98 accelerator-hours, which 1 job may exceed.",
        ),
    ],
)
def test_totals(make_plan, spends, total):
    changes = [
        Change(f"job-{number}", Action.CREATE, Reason("first-run", ""), spend=spend)
        for number, spend in enumerate(spends)
    ]
    assert footer(make_plan(*changes))[0] == total


def test_a_change_that_waits_counts_with_the_start_that_it_waits_for(make_plan):
    waiting = Change("a", Action.WAITING, Reason("stopping", ""), spend=Spend(8, 96.0))
    assert footer(make_plan(waiting)) == [
        "At most 96 accelerator-hours.",
        "All of it waits.",
        "Digest: 3f9c",
    ]
    start = replace(waiting, name="b", action=Action.CREATE, cost=Cost(4.0, "CNY"))
    assert footer(make_plan(start, replace(waiting, cost=Cost(None, unpriced=("ecs.x",)))))[:3] == [
        "At most 192 accelerator-hours.",
        "At most 4.00 CNY, plus 1 job whose cost is not known.",
        "Of this, what waits: at most 96 accelerator-hours; the cost of 1 job is not known.",
    ]


@pytest.mark.parametrize(
    ("spend", "words"),
    [
        (Spend(1, 0.5), "at most 0.5 accelerator-hours on 1 accelerator"),
        (Spend(0, 0.0), "no accelerators"),
        (
            Spend(8, 36.0, cpus=64, cpu_hours=288.0, runs=3),
            "at most 36 accelerator-hours on 8 accelerators, and 288 CPU-hours, in 3 runs",
        ),
        (
            Spend(8, 12.0, cpus=64, cpu_hours=None, can_exceed=("ElasticSpec", "Settings.X")),
            "up to 12 accelerator-hours on 8 accelerators; ElasticSpec, Settings.X may exceed this",
        ),
        (Spend(0, 0.0, cpus=1, cpu_hours=2.0), "no accelerators; at most 2 CPU-hours on 1 CPU"),
        (
            Spend(0, 0.0, cpus=2.5, cpu_hours=None, unbounded_by=("JobMaxRunningTimeMinutes",)),
            "no accelerators; no limit of CPU-hours: 2.5 CPUs, and no JobMaxRunningTimeMinutes",
        ),
        (
            Spend(0, 0.0, cpu_hours=None, uncounted=("ecs.x",)),
            "no accelerators; the CPUs of ecs.x are not known",
        ),
        (Spend(0, 0.0, cpu_hours=None, uncounted=("",)), "no accelerators; the CPUs are not known"),
        (
            Spend(2, None, unbounded_by=("A", "B", "TemplateId")),
            "no limit: 2 accelerators, and no A or B; TemplateId adds what is not known",
        ),
        (NO_LIMIT, "no limit: 8 accelerators, and no JobMaxRunningTimeMinutes"),
        (
            Spend(8, None, ("ecs.x", "ecs.y")),
            "no limit known: the accelerators of ecs.x, ecs.y are not known",
        ),
    ],
)
def test_spend_in_words(spend, words):
    assert spend_text(spend) == words


def test_the_scope_is_said_as_it_was_asked(make_plan):
    asked = {"select": ("team=a", "b*"), "exclude": ("c",), "allow_stops": 3}
    scope = Scope("v", "cn-hangzhou", "1001", prune=True, **asked)
    assert text(make_plan(scope=scope)).splitlines()[1:4:2] == [
        "Owner v.",
        "Asked with --select team=a --select b* --exclude c --prune --allow-stops 3.",
    ]


def test_who_owns_the_runs_is_said(make_plan):
    nobody = Scope("", "cn-hangzhou", "1001")
    by_name = Scope("v", "cn-hangzhou", "1001", identity=Identity.NAME)
    assert (
        text(make_plan(scope=nobody)).splitlines()[1]
        == "No owner, so nothing may be written: --owner NAME says whose runs these are."
    )
    assert (
        text(make_plan(scope=by_name)).splitlines()[1]
        == "Runs are told by name alone, without ownership marks."
    )


def test_every_action_has_its_own_look():
    assert set(LOOKS) == set(Action)
    assert len({look.glyph for look in LOOKS.values()}) == len(Action)


def test_looks_colour_the_glyph_and_the_action(make_plan):
    (heading,) = [one for one in plan_lines(make_plan(OLD)) if one and one[0].text == "  - "]
    assert [span.style for span in heading[:3]] == [Style.REMOVED, Style.STRONG, Style.REMOVED]


def test_claims_are_told_first_and_again_at_what_rests_on_them(make_plan):
    own = "vision-team/local"
    taken = ClaimedRun("dlc9", "Running", OwnerMarks("audio/prod", "github.com/audio/jobs"), own)
    found, given = (
        ClaimedRun("dlc6", "Running", OwnerMarks(), own),
        ClaimedRun("dlc5", "Failed", OwnerMarks(own), ""),
    )
    away = ClaimedRun("dlc4", "Succeeded", OwnerMarks("audio/prod"), "vision/prod")
    plan = make_plan(
        replace(MNIST, claims=(found,)),
        replace(OLD, claims=(taken,)),
        replace(RESNET, claims=(given, away)),
    )
    rows = to_text(plan_lines(plan)).splitlines()
    start = rows.index("Claims that this plan rests on, in dlcapply.claims.yaml:")
    told = [
        "old-job: dlc9 (Running) is ours by a claim; its marks say audio/prod (github.com/audio/jobs)",
        "resnet50-imagenet: dlc5 (Failed) is released by a claim; its marks say vision-team/local",
        "resnet50-imagenet: dlc4 (Succeeded) is a run of vision/prod by a claim; its marks say audio/prod",
    ]
    assert rows[start + 1 : start + 5] == [*(f"  {row}" for row in told), ""]
    assert all(row.index("old-job") < 10 for row in rows[start + 5 :] if "old-job" in row)
    assert [row.strip() for row in rows[start + 5 :] if "by a claim" in row] == [
        row.partition(": ")[2] for row in told
    ]


@pytest.mark.parametrize("status", ["Running", "Stopping", "Odd", "Failed", "Succeeded"])
def test_a_claim_on_anothers_run_is_told_whatever_is_done(make_plan, status):
    claim = ClaimedRun("dlc6", status, OwnerMarks("audio/prod"), "vision-team/local")
    text = to_text(plan_lines(make_plan(replace(MNIST, claims=(claim,)))))
    assert "mnist: dlc6" in text


def ended(name, status, code):
    return Change(name, Action.UNCHANGED, Reason(code, ""), target=Target(f"dlc-{name}", status))


BAD, HELD = ended("bad", "Failed", "failed"), ended("held", "Stopped", "stopped")
OFF, LATE = ended("off", "Stopped", "not-wanted"), ended("late", "Failed", "past-not-after")


@pytest.mark.parametrize(
    ("changes", "counted", "again"),
    [
        ((OFF,), "1 job unchanged", ""),
        (
            (BAD, OFF),
            "2 jobs unchanged, 1 of them failed",
            "To run it again, change run.token, or raise run.retries: bad.",
        ),
        ((HELD,), "1 job unchanged, 1 of them stopped", "To run it again, change run.token: held."),
        (
            (BAD, HELD, MNIST),
            "3 jobs unchanged, 1 of them failed, 1 stopped",
            "To run them again, change run.token, or raise run.retries of what failed: bad, held.",
        ),
        ((LATE,), "1 job unchanged, 1 of them failed", ""),
    ],
)
def test_no_changes_counts_what_fell_short_and_says_how_to_run_it_again(make_plan, changes, counted, again):
    lines = text(make_plan(*changes)).splitlines()
    assert f"No changes: {counted}, --full says why." in lines
    assert [line for line in lines if line.startswith("To run")] == ([again] if again else [])


def test_a_plan_with_changes_counts_what_fell_short_too(make_plan):
    create = Change("new", Action.CREATE, Reason("first-run", "no run of this job yet"))
    assert "Plan: 1 to create, 1 unchanged, 1 of them failed." in text(make_plan(create, BAD)).splitlines()


def test_without_marks_a_token_runs_nothing_again(make_plan):
    scope = Scope("", "cn-hangzhou", "1001", Identity.NAME)
    assert "To run it again, change its spec: held." in text(make_plan(HELD, scope=scope))


def test_what_failed_is_not_told_in_green(make_plan):
    def style(*changes):
        (found,) = [
            span.style
            for line in plan_lines(make_plan(*changes))
            for span in line
            if span.text == "No changes"
        ]
        return found

    assert (style(MNIST), style(BAD)) == (Style.ADDED, Style.CHANGED)
