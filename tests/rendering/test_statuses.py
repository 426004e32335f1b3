from __future__ import annotations

from datetime import UTC, datetime

from dlcapply.model.runs import Phase
from dlcapply.rendering.report_rows import StatusRow
from dlcapply.rendering.text.lines import Style, to_text
from dlcapply.rendering.text.statuses import PHASE_STYLES, status_lines

NOW = datetime(2026, 1, 2, 2, tzinfo=UTC)
RESNET = StatusRow("resnet50", "Running", "dlc1abcdef", "2026-01-02T00:00:00Z", 3720, in_sync=True)
BERT = StatusRow("bert", "Failed", "dlc2", "2026-01-01T00:00:00Z", 45, in_sync=False, note="no retries left")
GPT = StatusRow("gpt", "", "", "", note="no run yet")


def test_the_table_is_aligned_below_its_header():
    assert to_text(status_lines([RESNET, BERT, GPT], now=NOW)) == (
        "NAME      STATUS   JOBID       AGE  DURATION  IN SYNC  NOTE\n"
        "resnet50  Running  dlc1abcdef  2h   1h02m     yes\n"
        "bert      Failed   dlc2        1d   45s       no       no retries left\n"
        "gpt       -        -           -    -         -        no run yet\n"
    )


def test_a_long_name_does_not_widen_the_other_rows():
    long = StatusRow("n" * 256, "Running", "dlc1", "2026-01-02T00:00:00Z")
    rows = to_text(status_lines([long, GPT], now=NOW)).splitlines()
    assert rows[1] == f"{'n' * 256}  Running  dlc1   2h"
    assert rows[2].startswith("gpt   -        -      -")


def test_only_the_header_for_no_rows():
    assert to_text(status_lines([], now=NOW)) == "NAME  STATUS  JOBID  AGE\n"


def test_a_status_is_coloured_by_what_it_means():
    unheard_of = StatusRow("x", "Hibernating", "dlc9", "")
    styles = [cells[1].style for cells in status_lines([RESNET, BERT, GPT, unheard_of], now=NOW)]
    assert styles == [Style.FAINT, Style.AGAIN, Style.BAD, Style.FAINT, Style.CHANGED]


def test_no_failure_is_green():
    rows = [StatusRow("x", status, "dlc9", "") for status in ("Failed", "FailedReserving")]
    assert [cells[1].style for cells in status_lines(rows, now=NOW)[1:]] == [Style.BAD, Style.BAD]


def test_every_phase_has_a_style():
    assert set(PHASE_STYLES) == set(Phase)


def test_a_name_that_only_an_answer_has_is_cut_in_a_table():
    row = StatusRow("train", "Running", "dlc1", "", called="x" * 70_000)
    shown = to_text(status_lines([row], now=NOW)).splitlines()[1]
    assert len(shown) < 200
    assert "runs as xxx" in shown
