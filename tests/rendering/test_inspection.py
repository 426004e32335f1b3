"""Reports about one run, and about queues: curves, widths, and what is never shown."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.api.inspecting.addresses import without_tokens
from dlcapply.api.inspecting.sanity import nodes_in
from dlcapply.model.addresses import Address
from dlcapply.model.checks import Check
from dlcapply.model.curves import Curve, Curves, Point
from dlcapply.model.queues import Amount, Quota, Workload
from dlcapply.rendering.rows.inspection import (
    Addresses,
    Checked,
    CheckRow,
    Measured,
    QueueReport,
    Queues,
    RunHead,
    WaitingRow,
)
from dlcapply.rendering.rows.where import Where
from dlcapply.rendering.text.addresses import addresses_lines
from dlcapply.rendering.text.checks import checks_lines
from dlcapply.rendering.text.lines import Style, to_text, width_of
from dlcapply.rendering.text.metrics import amount, metrics_lines
from dlcapply.rendering.text.queues import queues_lines
from dlcapply.rendering.text.sparklines import ASCII, BLOCKS, glyphs_for, sparkline
from dlcapply.secrecy import MASK

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
WHERE = Where("prod", "cn-hangzhou", "268", "pai-dlc.cn-hangzhou.aliyuncs.com", is_emulator=False)
LONG = "team-" + "long-" * 20
HOSTILE = "\x1b[2J\x1b]0;x\x07 \u202e a\nb"
HEAD = RunHead(WHERE, "train", "dlc1", "Running", is_ours=True)
TEXTS = st.sampled_from(["", "a", LONG, HOSTILE, "作业" * 30]) | st.text(max_size=30)
NUMBERS = st.none() | st.floats(0, 1e6)


def fits(lines, width):
    """No line is wider but addresses, which are to be copied."""
    return all(
        width_of(one) <= width or any(span.style is Style.COMMAND for span in one) for one in lines[1:]
    )


workloads = st.builds(
    Workload,
    workload_id=TEXTS,
    name=TEXTS,
    user=TEXTS,
    code=TEXTS,
    reason=TEXTS,
    asks=st.builds(Amount, NUMBERS, NUMBERS, NUMBERS),
    priority=st.none() | st.integers(0, 9),
)
rows = st.builds(
    WaitingRow,
    workload=workloads,
    number=st.none() | st.integers(1, 10**6),
    is_ours=st.booleans(),
    job=TEXTS,
    ahead=st.integers(0, 9),
    ahead_asks=NUMBERS,
    unseen=st.integers(0, 9),
)


@given(st.lists(rows, max_size=40).map(tuple), st.booleans(), st.sampled_from([60, 80, 120]), TEXTS)
def test_a_queue_fits_and_no_terminal_obeys_it(waiting, full, width, note):
    quota = Quota("quota-1", "vision", size=Amount(8), held=Amount(8))
    report = QueueReport(quota, 3, 1, waiting, is_whole=False, held_unseen=2)
    lines = queues_lines(Queues(WHERE, NOW, (report,), (note,)), width=width, full=full)

    assert fits(lines, width)
    assert "\x1b" not in to_text(lines)
    told = sum(any("ours" in span.text for span in one) for one in lines)
    assert width < 80 or told >= min(10, sum(row.is_ours for row in waiting))


def test_of_a_long_queue_ours_and_the_first_are_shown():
    work = [Workload(str(at), name=f"job-{at}", position=at) for at in range(500)]
    waiting = tuple(WaitingRow(one, at + 1, is_ours=at == 300, job="mine") for at, one in enumerate(work))
    queues = Queues(WHERE, NOW, (QueueReport(Quota("q"), 0, 0, waiting),))
    lines = to_text(queues_lines(queues, width=80))

    assert [place in lines for place in (" 10 ", " 11 ", "301 ", "303 ", "304 ")] == [
        True,
        False,
        True,
        True,
        False,
    ]
    assert "487 more wait; --all shows them" in lines
    assert to_text(queues_lines(queues, width=80, full=True)).count("\n") == 505
    ours = QueueReport(Quota("q"), 0, 0, tuple(replace(row, is_ours=True) for row in waiting))
    lines = to_text(queues_lines(replace(queues, quotas=(ours,)), width=80))
    assert "488 more wait, 488 of them ours; --all shows them" in lines


@given(
    st.lists(st.tuples(st.floats(-1, 2), st.floats(-10, 200)), max_size=60),
    st.integers(1, 40),
    st.floats(0, 100),
)
def test_a_curve_is_as_wide_as_it_is_to_be(points, width, top):
    for glyphs in (BLOCKS, ASCII):
        line = sparkline(points, width, top=top, glyphs=glyphs)
        assert len(line) == width
        assert set(line) <= {*glyphs, " "}
        assert bool(line.strip()) == bool(points)


def test_a_curve_rises_and_has_gaps():
    assert sparkline([(0, 0), (0.5, 50), (0.99, 100)], 4, top=100) == "▁ ▅█"
    assert sparkline([(at / 8, at) for at in range(8)], 8, top=8, glyphs=ASCII) == ASCII
    assert [glyphs_for(one) for one in ("utf-8", "ascii", "latin-1", "odd")] == [BLOCKS, ASCII, ASCII, ASCII]
    assert [amount(value) for value in (83.0, 0.5, 1.2e8, 0, 12345)] == ["83", "0.5", "120M", "0", "12.3k"]


@pytest.mark.parametrize("width", [60, 80])
def test_metrics_checks_and_addresses_fit(width):
    points = tuple(Point(NOW + timedelta(minutes=at), float(at)) for at in range(60))
    pods = (f"dlc1-worker-{at}" for at in (10, 2, 1))
    curves = tuple(Curve("GpuCoreUsage", pod, points) for pod in pods)
    measured = Curves("GpuCoreUsage", "GetJobMetrics", NOW, NOW + timedelta(hours=1), 60, curves)
    lines = metrics_lines(Measured(HEAD, (measured,), (LONG,)), width=width)
    assert fits(lines, width)
    text = to_text(lines)
    assert text.index("worker-1 ") < text.index("worker-2 ") < text.index("worker-10 ")
    many = tuple(Curve("GpuCoreUsage", f"dlc1-worker-{at}", (Point(NOW, at % 90.0),)) for at in range(900))
    measured = replace(measured, curves=many)
    lines = metrics_lines(Measured(HEAD, (measured,)), width=width)
    assert fits(lines, width)
    text = to_text(lines)
    ends = [*range(0, 631, 90), 629, 719, 809, 899]
    assert re.findall(r"^worker-(\d+) ", text, re.MULTILINE) == [str(at) for at in sorted(ends)]
    assert "888 more pods lie between them, the median of all is 44.5;" in " ".join(text.split())
    assert to_text(metrics_lines(Measured(HEAD, (measured,)), width=width, full=True)).count("worker-") == 900
    check = Check(1, "DeviceCheck", "Failed", f"GPU 3 is lost: {LONG}", NOW, NOW + timedelta(seconds=90))
    checked = Checked(
        HEAD, (CheckRow(check, ("node-a", "node-b")), CheckRow(replace(check, status="Succeeded")))
    )
    lines = checks_lines(checked, width=width)
    assert fits(lines, width)
    assert "Failed: DeviceCheck; PAI's words name node-a, node-b" in to_text(lines)
    found = Addresses(HEAD, (Address("console", f"https://a/{LONG}"), Address("terminal", note=LONG)))
    assert fits(addresses_lines(found, width=width), width)


def test_nodes_are_found_by_whatever_names_them():
    known = {"node-1": "node-1", "dlc1-worker-0": "node-1", "node-10": "node-10", "10.0.0.7": "node-7"}
    assert list(nodes_in("ECC error on node-10.", known)) == ["node-10"]
    assert list(nodes_in("[dlc1-worker-0] slow; 10.0.0.7:22 lost, (node-1)", known)) == ["node-1", "node-7"]
    assert list(nodes_in("node-100 and xnode-1 are others'", known)) == []


@pytest.mark.parametrize(
    "url",
    [
        "https://a/x?page=1&token=SECRETSECRET",
        "https://a/x?Signature=SECRETSECRET&page=1",
        "https://a/token/SECRETSECRET",
        "https://SECRETSECRET:x@a/x",
        "https://a/x#access_token=SECRETSECRET",
        "wss://a/x?ticket=SECRETSECRET",
        "https://a/x;jsessionid=SECRETSECRET?page=1",
        "https://a/#/login?page=1&sid=SECRETSECRET",
        "https://a/x?to=https%3A%2F%2Fb%2F%3Fpage%3D1%26ticket%3DSECRETSECRET",
        "https://a/x?to=http://[?token=SECRETSECRET",
        f"https://a/{'x?to=http://b/' * 300}x?ticket=SECRETSECRET",
    ],
)
def test_what_opens_an_address_is_masked(url):
    shown = without_tokens(url)
    assert "SECRETSECRET" not in shown
    assert shown.startswith(url.partition("//")[0])
    assert MASK in shown or "@" in url
    for plain in (
        "https://dlc1.dsw-gateway.data.aliyun.com/ray/?page=2&q=a%20b#/jobs",
        "https://a/x;v=1?to=https%3A%2F%2Fb%2F%3Fpage%3D1#/runs?page=2",
    ):
        assert without_tokens(plain) == plain
