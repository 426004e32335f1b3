from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.planning.reasons import accelerator_hours
from dlcapply.rendering.text.words import age, counted, duration

NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 jobs"), (1, "1 job"), (2, "2 jobs"), (1000, "1,000 jobs")]
)
def test_counted(number, words):
    assert counted(number, "job") == words


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, "0"), (96.0, "96"), (0.1 * 3, "0.3"), (0.04, "0.1"), (12.51, "12.6"), (1234.5, "1,234.5")],
)
def test_hours_are_rounded_up(number, shown):
    assert accelerator_hours(number) == f"{shown} accelerator-hours"


def test_one_hour_is_no_plural():
    assert accelerator_hours(1) == accelerator_hours(0.99) == "1 accelerator-hour"


@given(st.floats(min_value=0, max_value=1e6))
def test_a_ceiling_is_never_below_the_number(number):
    assert float(accelerator_hours(number).split()[0].replace(",", "")) >= number - 1e-6


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0s"),
        (59, "59s"),
        (60, "1m00s"),
        (750, "12m30s"),
        (3600, "1h00m"),
        (11_100, "3h05m"),
        (183_600, "2d03h"),
    ],
)
def test_duration(seconds, shown):
    assert duration(seconds) == shown


@pytest.mark.parametrize(
    ("created", "shown"),
    [
        ("2026-01-10T11:59:20Z", "40s"),
        ("2026-01-10T11:57:00Z", "3m"),
        ("2026-01-10T09:59:59Z", "2h"),
        ("2026-01-10T17:30:00+08:00", "2h"),
        ("2026-01-05T12:00:00", "5d"),
        ("2026-01-10T12:00:09Z", "0s"),
        ("", "-"),
        ("yesterday", "-"),
    ],
)
def test_age(created, shown):
    assert age(created, now=NOW) == shown
