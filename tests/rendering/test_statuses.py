from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from dlcapply.model.runs import PHASES, Ownership, Phase
from dlcapply.planning.run_progress import Pods, RunProgress
from dlcapply.rendering.markdown.statuses import status_markdown
from dlcapply.rendering.rows.status import OtherRun, StatusReport, StatusRow
from dlcapply.rendering.rows.where import Where
from dlcapply.rendering.text.lines import Style, to_text, width_of
from dlcapply.rendering.text.statuses import (
    PHASE_STYLES,
    change_line,
    pods_text,
    report_lines,
    status_lines,
    status_text,
    watch_lines,
)

NOW = datetime(2026, 1, 2, 2, tzinfo=UTC)
WHERE = Where("prod", "cn-hangzhou", "1001", "pai-dlc.cn-hangzhou.aliyuncs.com", is_emulator=False)
RESNET = StatusRow(
    "resnet50",
    "Running",
    "dlc1abcdef",
    "2026-01-02T00:00:00Z",
    plan="in sync",
    in_sync=True,
    progress=RunProgress(
        queued_seconds=300,
        run_seconds=6900,
        pods=Pods(8, 7, 0),
        accelerators=8,
        hours=15.33,
        ceiling_hours=96.0,
        restarts=2,
    ),
)
BERT = StatusRow(
    "bert",
    "Failed",
    "dlc2",
    "2026-01-01T00:00:00Z",
    plan="unchanged",
    in_sync=False,
    explanation="no retries left",
    reason="OOM, exit 137",
    newest_failed=True,
    progress=RunProgress(run_seconds=45, ended=NOW, pods=Pods(2, 0, 1), accelerators=2, is_unbounded=True),
)
GPT = StatusRow("gpt", "no run", "", "", plan="create", in_sync=False)


def shown(*rows, width=None, **more):
    return to_text(report_lines(StatusReport(WHERE, rows, NOW, **more), width=width))


def test_the_table_says_where_it_is_from_and_all_there_is_to_know():
    assert shown(RESNET, BERT, GPT) == (
        "prod: workspace 1001 in cn-hangzhou, at pai-dlc.cn-hangzhou.aliyuncs.com\n"
        "NAME      STATUS                 PLAN       JOBID       AGE  ACCEL-HOURS"
        "          PODS    RAN  QUEUED  ACCEL  RESTARTS\n"
        "resnet50  Running                in sync    dlc1abcdef   2h   15.3 of 96"
        "           7/8  1h55m   5m00s      8         2\n"
        "bert      Failed: OOM, exit 137  unchanged  dlc2         1d  ?, no limit"
        "  2 (1 failed)    45s       -      2         -\n"
        "    no retries left\n"
        "gpt       no run                 create     -             -            -"
        "             -      -       -      -         -\n"
    )


def test_what_decides_is_there_at_eighty_columns_and_what_is_not_is_said():
    assert shown(RESNET, BERT, GPT, width=80).splitlines()[1:] == [
        "NAME      STATUS                 PLAN       JOBID       AGE  ACCEL-HOURS",
        "resnet50  Running                in sync    dlc1abcdef   2h   15.3 of 96",
        "bert      Failed: OOM, exit 137  unchanged  dlc2         1d  ?, no limit",
        "    no retries left",
        "gpt       no run                 create     -             -            -",
        "Left out for the width: PODS, RAN, QUEUED, ACCEL, RESTARTS",
    ]


def test_a_run_that_succeeded_with_a_failed_pod_is_not_told_as_if_all_were_well():
    progress = RunProgress(ended=NOW, pods=Pods(8, 0, 1), accelerators=0)
    row = StatusRow("gpt", "Succeeded", "dlc3", "", progress=progress)
    assert "Succeeded: 1 of 8 failed  " in shown(row)


def test_runs_of_the_name_that_are_not_ours_are_no_no_run():
    strangers = (OtherRun("dlc7", "Running", "speech/prod"), OtherRun("dlc8", "Queuing", "unmarked"))
    assert shown(replace(GPT, plan="blocked", others=strangers)).splitlines()[1:] == [
        "NAME  STATUS              PLAN     JOBID",
        "gpt   Running (not ours)  blocked  dlc7",
        "    not ours: dlc7 (Running, speech/prod), dlc8 (Queuing, unmarked)",
    ]
    explained = replace(GPT, explanation="dlc7 (Running) has this name", others=strangers[:1])
    assert shown(explained).count("dlc7") == 2


def test_pods_run_on_until_a_run_has_ended_whatever_its_status_is_called():
    for status, pods in (("Stopping", "7/8"), ("Hibernating", "7/8"), ("FailedReserving", "8 (1 failed)")):
        row = replace(RESNET, status=status, progress=RunProgress(pods=Pods(8, 7, 1)))
        assert pods_text(row) == pods
    failed = replace(RESNET, status="Failed", reason="exit 1", progress=RunProgress(pods=Pods(8, 0, 8)))
    assert status_text(failed) == "Failed: exit 1"


def test_what_is_not_known_is_a_question_mark_and_ages_need_the_services_time():
    row = replace(RESNET, progress=RunProgress())
    (line,) = to_text(status_lines([row], now=None)).splitlines()[1:]
    assert line.split() == ["resnet50", "Running", "in", "sync", "dlc1abcdef", "?", "of", "?", "?/?", "?"]


def test_of_runs_it_says_whose_they_are_and_what_they_use():
    mine = replace(RESNET, owner="ours", ownership=Ownership.OURS, user="mia")
    other = replace(BERT, owner="speech/prod", user="ben", explanation="")
    told = shown(mine, other, is_of_runs=True, more=3, unread=1)
    assert "OWNER" in told
    assert "PLAN" not in told
    assert "2 runs: 1 Running, 1 Failed; so far 15.3 accelerator-hours of what goes on\n" in told
    assert "3 older runs that ended: --limit N shows more\n" in told
    assert "1 run can't be read" in told


def test_nothing_is_said_to_be_nothing():
    assert shown(is_of_runs=True).splitlines()[1:] == ["No runs."]
    assert to_text(status_lines([], now=NOW)) == "NAME  STATUS\n"


def test_a_status_is_coloured_by_what_it_means():
    unheard_of = StatusRow("x", "Hibernating", "dlc9", "")
    lines = status_lines([RESNET, replace(BERT, explanation=""), GPT, unheard_of], now=NOW)
    styles = [cells[1].style for cells in lines]
    assert styles == [Style.HEADING, Style.AGAIN, Style.BAD, Style.FAINT, Style.CHANGED]
    assert set(PHASE_STYLES) == set(Phase)


def test_a_name_that_only_an_answer_has_is_cut_in_a_table():
    row = StatusRow("train", "Running", "dlc1", "", called="x" * 70_000)
    told = to_text(status_lines([row], now=NOW)).splitlines()[2]
    assert len(told) < 200
    assert "runs as xxx" in told


def test_a_change_is_a_line():
    assert to_text([change_line(BERT, moment="02:00:00")]) == (
        "02:00:00  bert  Failed: OOM, exit 137  dlc2\n"
    )


names = st.text(alphabet="ab-文\x1b", min_size=1, max_size=70)
rows = st.builds(
    StatusRow,
    names,
    st.sampled_from([*PHASES, "Hibernating"]),
    st.just("dlc1abcdefghijklmnop"),
    st.just("2026-01-01T00:00:00Z"),
    explanation=names | st.just(""),
    reason=names | st.just(""),
    in_sync=st.none() | st.booleans(),
    progress=st.none() | st.just(RESNET.progress),
)


@given(st.lists(rows, max_size=30), st.integers(40, 130), st.integers(4, 30))
def test_what_is_watched_fits_the_screen_and_every_run_is_shown_or_counted(found, width, height):
    report = StatusReport(WHERE, tuple(found), NOW)
    lines = watch_lines(report, width=width, height=height, foot=["as of now"])
    assert len(lines) <= height
    assert all(width_of(one) <= width for one in lines)
    told = f"\n{to_text(lines)}"
    if found and height >= 5:
        counted = next((int(line.split()[1]) for line in told.splitlines() if line.startswith("and ")), 0)
        body = told[told.index("\nNAME") + 1 :].splitlines()[1:-1]
        shown_rows = len([line for line in body if not line.startswith(("    ", "and "))])
        assert shown_rows + counted == len(found)


def test_where_not_all_fit_what_failed_and_what_goes_on_stay():
    done = [StatusRow(f"done-{at}", "Succeeded", f"dlc{at}", "", in_sync=True) for at in range(20)]
    report = StatusReport(WHERE, (*done, RESNET, replace(BERT, explanation="")), NOW)
    told = to_text(watch_lines(report, width=80, height=7)).splitlines()
    assert [line.split()[0] for line in told[1:]] == ["NAME", "done-0", "done-1", "resnet50", "bert", "and"]
    assert told[-1] == "and 18 more: 18 Succeeded"


def test_markdown_has_the_rows_and_counts_those_that_it_leaves_out():
    many = tuple(replace(GPT, name=f"gpt-{at}") for at in range(200))
    told = status_markdown(StatusReport(WHERE, (BERT, *many), NOW))
    assert (
        "| `bert` | Failed: OOM, exit 137 | unchanged | `dlc2` | 45s | 2 (1 failed) | ?, no limit |" in told
    )
    assert "51 more are not shown" in told
    assert len(told) < 65_536


def test_markdown_and_a_watch_say_what_they_do_not_show_as_text_does():
    report = StatusReport(WHERE, (BERT,), NOW, is_of_runs=True, more=3, unread=2)
    told = status_markdown(report)
    assert "3 older runs that ended" in told
    assert "2 runs can't be read, and not shown" in told
    assert "2 runs can't be read, and not shown" in to_text(watch_lines(report, width=80, height=24))
    assert "No runs." in status_markdown(replace(report, rows=()))
