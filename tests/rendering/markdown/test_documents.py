"""Whatever a plan, an outcome, a finding or an error says, its Markdown says as text, within its size."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcapply.errors import DeniedError, ExitCode
from dlcapply.model.claims import OwnerMarks
from dlcapply.model.findings import Finding, Level, Place
from dlcapply.model.outcomes import Outcome, Result, Trouble
from dlcapply.model.plans import (
    Action,
    Behaviour,
    Change,
    ClaimedRun,
    Consent,
    FieldChange,
    FieldKind,
    Need,
    Reason,
    Spend,
    Target,
    VariableState,
)
from dlcapply.model.runs import Visibility
from dlcapply.one_line import printable
from dlcapply.planning.visibility import UNSEEN_JOBS
from dlcapply.rendering.markdown.errors import error_markdown
from dlcapply.rendering.markdown.findings import findings_markdown
from dlcapply.rendering.markdown.fitting import COMMENT, SIZES, Size
from dlcapply.rendering.markdown.outcomes import apply_markdown
from dlcapply.rendering.markdown.plans import plan_markdown
from dlcapply.rendering.plan_documents import plan_document
from dlcapply.rendering.rows.status import StatusRow
from dlcapply.rendering.rows.waiting import WaitedRow
from tests.rendering.markdown import hostile
from tests.rendering.markdown.judge import judged

some = settings(max_examples=12)
GIGANTIC = " ".join(hostile.FRAGMENTS).replace("\ud800", "?") * 75  # 75 kB
ENDLESS = "`|" * 40_000
FEW = Size(9_000, len)
MARKS = OwnerMarks("vision/local", "github.com/vision/jobs")
FIELD = FieldChange("UserCommand", FieldKind.CHANGED, "a\nb\nc", "a\nB\nc", Behaviour.NEEDS_RUN)
CHANGE = Change(
    "train",
    Action.REPLACE,
    Reason("replace", "stops dlc1 (Running) and starts a new run"),
    Place("jobs/train.yaml", 3, 1),
    Target("dlc1", "Running"),
    fields=(FIELD,),
    spend=Spend(8, 24.0),
    consent=Consent("--allow-replace train", given=False),
    claims=(ClaimedRun("dlc1", "Running", MARKS, "other/local"),),
)
FINDING = Finding("spot", Level.WARNING, "no spot here", "say why", Place("jobs/train.yaml", 7, 3))


def plan_text(plan, size=COMMENT):
    return plan_markdown(plan_document(plan), size=size)


@given(hostile.plans)
@some
def test_every_plan_is_text_in_elements_of_ours(plan):
    document = judged(plan_text(plan))
    everything = "".join(text for text, _ in document.texts)
    for change in plan.changes:
        if change.action is not Action.UNCHANGED or change.fields:
            assert printable(change.name) in everything
            assert printable(change.reason.text).strip() in everything
        for field in change.fields:
            assert printable(field.path) in everything
    for finding in plan.findings:
        assert printable(finding.message).strip() in everything
        assert printable(finding.hint).strip() in everything
    assert printable(plan.apply_command).strip() in everything


@given(
    hostile.plans,
    st.lists(hostile.outcomes, max_size=3),
    st.lists(hostile.waited, max_size=2),
    st.none() | st.builds(DeniedError, hostile.texts, hint=hostile.texts),
)
@some
def test_every_outcome_is_text_in_elements_of_ours(plan, outcomes, waited, refused):
    document = judged(
        apply_markdown(plan, outcomes, exit_code=ExitCode.UNKNOWN, waited=waited, refused=refused)
    )
    everything = "".join(text for text, _ in document.texts)
    for outcome in outcomes:
        if outcome.result is not Result.UNCHANGED:
            assert printable(outcome.name) in everything
            said_once = outcome.error is None or (refused and outcome.error.message == refused.message)
            assert said_once or printable(outcome.error.hint).strip() in everything
    assert all(printable(one.row.note).strip() in everything for one in waited)


@given(st.lists(hostile.findings, max_size=3), hostile.texts, hostile.texts)
@some
def test_every_finding_and_error_is_text_in_elements_of_ours(findings, message, hint):
    for text in (
        findings_markdown(findings, files=1, documents=1),
        error_markdown(message, hint, exit_code=ExitCode.INVALID, findings=findings),
    ):
        document = judged(text)
        everything = "".join(part for part, _ in document.texts)
        assert all(printable(one.message).strip() in everything for one in findings)
    assert printable(message).strip() in everything


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@given(plan=hostile.plans)
@settings(max_examples=15)
def test_every_plan_fits_its_size(size, plan):
    assert size.measure(plan_text(plan, size)) <= size.limit


@given(hostile.plans)
@some
def test_a_plan_in_little_room_is_whole_markdown_and_says_what_it_dropped(plan):
    text = plan_text(plan, FEW)
    assert len(text) <= FEW.limit
    judged(text)
    assert ("Shortened to fit" in text) == (text != plan_text(plan))


def gigantic_plans(make_plan):
    """Plans in which one text, each time another, is longer than any document may be."""
    whole = make_plan(CHANGE)
    text = f"{GIGANTIC[:35_000]} {ENDLESS[:35_000]}"
    for parts in (
        {"name": text},
        {"reason": Reason("r", text)},
        {"target": Target(text, text)},
        {"consent": Consent(text, given=False)},
        {"claims": (ClaimedRun(text, text, OwnerMarks(text, text), text),)},
        {"spend": Spend(1, None, (text,))},
        {"fields": (replace(FIELD, before=text),)},
        {"fields": (replace(FIELD, after=text.split()),)},
        {"fields": (replace(FIELD, path=text),)},
    ):
        yield make_plan(replace(CHANGE, **parts))
    for parts in ({"rule": text}, {"message": text}, {"hint": text}, {"place": Place(text)}):
        yield make_plan(CHANGE, findings=(replace(FINDING, **parts),))
    yield make_plan(CHANGE, needs=(Need(text, VariableState.UNSET, (text,)),))
    yield make_plan(CHANGE, apply_command=text)
    for part in ("owner", "region", "workspace_id", "endpoint", "origin"):
        yield replace(whole, scope=replace(whole.scope, **{part: text}))
    yield replace(whole, scope=replace(whole.scope, select=(text,), exclude=tuple(text[:9_000])))
    yield replace(whole, environment=replace(whole.environment, name=text))
    yield replace(whole, census=replace(whole.census, since=text))


@pytest.mark.sweep
def test_one_gigantic_text_anywhere_leaves_the_rest_readable(make_plan):
    for plan in gigantic_plans(make_plan):
        text = plan_text(plan)
        assert COMMENT.measure(text) <= COMMENT.limit
        assert text.startswith("### dlcapply plan for ")
        assert "**1 to replace.**" in text
        assert "Digest: " in text
        assert "Shortened to fit" in text


@pytest.mark.parametrize("part", ["command", "scope", "finding"])
def test_a_gigantic_command_scope_or_message_costs_nothing_else(make_plan, part):
    plan = make_plan(CHANGE, findings=(FINDING,), apply_command="dlcapply apply")
    match part:
        case "command":
            plan = replace(plan, apply_command=f"dlcapply apply {GIGANTIC}")
        case "scope":
            plan = replace(plan, scope=replace(plan.scope, select=(GIGANTIC,)))
        case "finding":
            plan = replace(plan, findings=(FINDING, replace(FINDING, message=GIGANTIC)))
    text = plan_text(plan)
    assert "| `train` |" in text
    assert "\n- b\n+ B\n" in text
    assert "- **warning** `spot` `jobs/train.yaml:7:3`: no spot here<br>Hint: say why\n" in text
    judged(text)


@pytest.mark.sweep
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_a_plan_with_more_of_everything_than_fits_is_whole_markdown(make_plan, size):
    number = 400 if size is COMMENT else 700
    changes = [replace(CHANGE, name=f"job-{at:05}", action=tuple(Action)[at % 8]) for at in range(number)]
    findings = [replace(FINDING, message=f"{at}: {GIGANTIC[:1500]}") for at in range(number)]
    needs = [Need(f"KEY{at}", VariableState.SET, ("job-00000",)) for at in range(number)]
    text = plan_text(make_plan(*changes, findings=findings, needs=needs), size)
    assert size.limit / 2 < size.measure(text) <= size.limit
    if size is COMMENT:
        document = judged(text)
        assert document.text_in("p").startswith("50 to create, ")
    assert "what differs is left out (" in text


def test_what_is_most_to_be_looked_at_is_kept_longest(make_plan):
    changes = [
        replace(CHANGE, name=f"{action}-{at}", action=action) for action in Action for at in range(100)
    ]
    text = plan_text(make_plan(*changes))
    names = [text.find(f"`{action}-0`") for action in (Action.REPLACE, Action.STOP)]
    assert -1 not in names
    assert names == sorted(names)
    assert "`waiting-99`" not in text


def test_values_are_cut_before_what_differs_is_left_out_and_that_before_findings_and_rows(make_plan):
    long = "\n".join(f"line {at} {'x' * 100}" for at in range(200))
    bare = replace(CHANGE, fields=(replace(FIELD, before="", after=long),), consent=None, claims=())
    few, many = ([replace(bare, name=f"job-{at}") for at in range(number)] for number in (6, 80))
    cut, dropped = plan_text(make_plan(*few)), plan_text(make_plan(*many, findings=(FINDING,)))
    assert "_Shortened to fit: long values are cut (" in cut
    assert "left out" not in cut
    assert cut.count("<details>") == 6
    assert "what differs is left out (" in dropped
    assert "warnings are left out" not in dropped
    assert dropped.count("| `job-") == 80


def test_a_view_that_misses_jobs_is_told_before_anything_else(make_plan):
    unseen = replace(FINDING, rule=UNSEEN_JOBS)
    plan = make_plan(CHANGE, findings=(unseen,))
    plan = replace(plan, census=replace(plan.census, sees=Visibility.OWN))
    text = plan_text(plan)
    assert text.index("> [!WARNING]\n> Others&#39; PRIVATE jobs".replace("&#39;", "'")) < text.index(
        "1 to replace"
    )


def test_errors_among_findings_come_first_and_are_told_above_the_table(make_plan):
    error = replace(FINDING, rule="limit-gpu-hours", level=Level.ERROR)
    text = plan_text(make_plan(CHANGE, findings=(FINDING, error)))
    assert "Apply refuses this plan: 1 finding of level error" in text
    assert text.index("**error** `limit-gpu-hours`") < text.index("**warning** `spot`")


@pytest.mark.sweep
def test_errors_stay_where_warnings_and_rows_have_no_room(make_plan):
    errors = [replace(FINDING, rule="limit-creates", level=Level.ERROR, message="9 creates, and 5 allowed")]
    changes = [replace(CHANGE, name=f"job-{at}") for at in range(2_000)]
    text = plan_text(make_plan(*changes, findings=[*[FINDING] * 100, *errors]))
    assert "- **error** `limit-creates` `jobs/train.yaml:7:3`: 9 creates, and 5 allowed" in text
    assert "warnings are left out (100 places)" in text
    assert "rows of the table are left out" in text


def test_blocked_and_waiting_changes_are_said_to_start_nothing(make_plan):
    changes = [
        replace(CHANGE, name="held", action=Action.BLOCKED, consent=None),
        replace(CHANGE, name="later", action=Action.WAITING, consent=None),
    ]
    text = plan_text(make_plan(*changes))
    assert "**Blocked:** merging or applying this starts and stops nothing for `held`." in text
    assert "**Waiting:** merging or applying this starts nothing yet for `later`." in text
    assert "Nothing is to be applied yet." in text


def test_what_waits_is_told_apart_from_what_an_apply_may_spend(make_plan):
    start, later = replace(CHANGE, action=Action.CREATE), replace(CHANGE, name="b", action=Action.WAITING)
    assert "At most 24 accelerator-hours." in plan_text(make_plan(start))
    assert "At most 48 accelerator-hours. Of this, what waits: at most 24 accelerator-hours." in plan_text(
        make_plan(start, later)
    )
    assert "At most 24 accelerator-hours. All of it waits." in plan_text(make_plan(later))


def test_a_label_is_named_where_github_takes_one_so_long(make_plan):
    def told(name):
        consent = Consent(f"--allow-replace {name}", given=False)
        return plan_text(make_plan(replace(CHANGE, name=name, consent=consent)))

    short, long = "n" * 36, "n" * 37
    assert f"or the label `allow-replace:{short}`" in told(short)
    assert f"- **Consent missing:** `--allow-replace {long}`\n" in told(long)


def test_a_consent_that_the_reason_names_is_not_named_twice_in_a_row(make_plan):
    blocked = replace(CHANGE, reason=Reason("replace", "replacing dlc1 needs --allow-replace train"))
    assert plan_text(make_plan(blocked)).count("--allow-replace train") == 2


def test_consents_and_variables_that_apply_needs_are_listed(make_plan):
    given_ = replace(CHANGE, name="b", consent=Consent("--allow-replace b", given=True))
    needs = (Need("KEY", VariableState.EMPTY, ("train", "b")),)
    text = plan_text(make_plan(given_, CHANGE, needs=needs))
    assert "- `KEY`, for `train`, `b` (`envFrom`): **empty** where this was planned\n" in text
    assert "- Consent given: `--allow-replace b`\n" in text
    assert "- **Consent missing:** `--allow-replace train`, or the label `allow-replace:train`" in text


def test_a_plan_without_changes_says_so(make_plan):
    same = Change("a", Action.UNCHANGED, Reason("equal", "dlc1 (Running) is as declared"))
    text = plan_text(make_plan(same))
    assert "**No changes: 1 unchanged.**" in text
    assert "| job |" not in text
    assert "**No changes: no jobs.**" in plan_text(make_plan())


OUTCOMES = (
    Outcome("good", Action.CREATE, Result.CREATED, "dlc1"),
    Outcome(
        "lost",
        Action.CREATE,
        Result.UNKNOWN,
        error=Trouble("unknown", "no answer", "dlcapply status --op 0123abc"),
    ),
    Outcome("held", Action.STOP, Result.NOT_APPROVED, "dlc2", error=Trouble("x", "held back: no", "review")),
    Outcome("same", Action.UNCHANGED, Result.UNCHANGED, "dlc3"),
)


def test_an_unknown_outcome_stands_first_with_the_command_that_resolves_it(make_plan):
    text = apply_markdown(make_plan(), OUTCOMES, exit_code=ExitCode.UNKNOWN)
    assert "**1 created, 1 unknown, 1 not-approved, 1 unchanged.**" in text
    assert '`lost`\n\n<pre lang="shell">\ndlcapply status --op 0123abc</pre>\n' in text
    rows = [row for row in text.splitlines() if row.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == ["lost", "held", "good"]
    assert rows[1] == "| `held` | stop | **not-approved** | `dlc2` | held back: no<br>Hint: review |"


def test_runs_that_were_waited_for_are_listed(make_plan):
    rows = (
        WaitedRow(StatusRow("a", "Failed", "dlc1", "", note="OutOfMemory"), reached=False, failed=True),
        WaitedRow(StatusRow("b", "Running", "dlc2", ""), reached=False, failed=False),
        WaitedRow(StatusRow("c", "Succeeded", "dlc3", ""), reached=True, failed=False),
    )
    text = apply_markdown(make_plan(), (), exit_code=ExitCode.RUN_FAILED, waited=rows)
    assert "| `a` | `dlc1` | Failed | **failed**; OutOfMemory |\n" in text
    assert "| `b` | `dlc2` | Running | goes on |\n" in text
    assert "| `c` | `dlc3` | Succeeded |  |\n" in text


def test_why_nothing_was_begun_is_said_once(make_plan):
    refused = DeniedError("limit-creates: 9 creates, and 5 are allowed", hint="raise limits.creates")
    left = Outcome(
        "a", Action.CREATE, Result.NOT_DONE, error=Trouble("not-done", refused.message, refused.hint)
    )
    text = apply_markdown(make_plan(), [left], exit_code=ExitCode.DENIED, refused=refused)
    assert text.count("9 creates") == 1
    assert "| `a` | create | **not-done** |  |  |\n" in text


@pytest.mark.sweep
@pytest.mark.parametrize("text", [GIGANTIC, ENDLESS])
def test_gigantic_outcomes_findings_and_errors_fit(make_plan, text):
    outcomes = [replace(one, name=text, error=Trouble(text, text, text)) for one in OUTCOMES]
    documents = [
        apply_markdown(
            make_plan(), outcomes, exit_code=ExitCode.UNKNOWN, refused=DeniedError(text, hint=text)
        ),
        findings_markdown(
            [Finding(text, Level.ERROR, text, text, Place(text), text)] * 3, files=1, documents=1
        ),
        error_markdown(text, text, exit_code=ExitCode.FAILED),
    ]
    for document in documents:
        assert COMMENT.measure(document) <= COMMENT.limit
        judged(document)
