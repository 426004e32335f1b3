from __future__ import annotations

from dlcapply.rendering.rows.waiting import WatchedRow
from dlcapply.rendering.rows.where import Where
from dlcapply.rendering.text.lines import to_text
from dlcapply.rendering.text.watching import watch_lines

WHERE = Where("prod", "cn-hangzhou", "268", "dlc.example.com", is_emulator=False)
FAILED = [
    WatchedRow(f"failed-{number}", "Failed", f"dlc{number}", is_open=False, failed=True, note="why")
    for number in range(2)
]
RUNNING = [WatchedRow(f"running-{number}", "Running", f"dlc1{number}", 60) for number in range(3)]


def shown(height, rows=(*FAILED, *RUNNING)):
    return to_text(watch_lines(rows, 80, height, where=WHERE)).splitlines()


def test_rows_are_shown_before_notes_and_where_they_are_before_both():
    assert shown(30)[0].startswith("prod: workspace 268")
    assert [line.split()[0] for line in shown(30)[2:]] == [
        "failed-0",
        "why",
        "failed-1",
        "why",
        "running-0",
        "running-1",
        "running-2",
    ]
    assert [line.split()[0] for line in shown(9)[2:]] == [
        "failed-0",
        "why",
        "failed-1",
        "running-0",
        "running-1",
        "running-2",
    ]


def test_a_low_screen_has_what_matters_most_and_counts_the_rest():
    assert [line.split()[0] for line in shown(4)] == ["NAME", "failed-0", "failed-1", "and"]
    assert shown(4)[-1] == "and 3 running"
    assert shown(3) == ["3 running, 2 failed"]
