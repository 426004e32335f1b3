"""What the jobs of each label can spend together is never less than what one of them can."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.model.plans import Action, Change, Context, Reason, Spend
from dlcapply.planning.context import context_of
from dlcapply.planning.totals import Total, total_of, totals_by_label
from dlcapply.rendering.plan_documents import plan_document
from tests.builders import a_job, a_plan
from tests.planning.test_approvals import planned

hours = st.one_of(st.none(), st.floats(0, 1e6).map(lambda number: round(number, 3)))
spends = st.builds(Spend, st.integers(0, 8), hours, cpu_hours=hours)
labels = st.dictionaries(st.sampled_from(["team", "stage"]), st.sampled_from(["a", "b"]))


def a_change(spend, given_labels):
    return Change("x", Action.CREATE, Reason("first-run", ""), spend=spend, labels=given_labels)


@given(st.lists(st.tuples(st.one_of(st.none(), spends), labels)))
def test_each_label_has_the_sum_of_its_jobs(pairs):
    found = totals_by_label(a_change(spend, given_labels) for spend, given_labels in pairs)
    assert list(found) == sorted(found)
    for label, total in found.items():
        key, value = label.split("=")
        each = [spend for spend, chosen in pairs if spend and chosen.get(key) == value]
        assert (total, total.jobs) == (total_of(a_change(spend, {}) for spend in each), len(each))
        for spend in each:
            assert total.accelerator_hours is None or (
                spend.hours is not None and total.accelerator_hours >= round(spend.hours, 6)
            )
            assert total.unbounded or spend.cpu_hours is not None


def test_nothing_that_spends_is_a_total_of_nothing():
    assert total_of([]) == Total(0, 0, 0, 0, 0)
    assert totals_by_label([a_change(None, {"team": "a"})]) == {}


def test_what_is_held_back_is_in_no_total_and_what_waits_is():
    first, second = a_job("first", labels={"team": "a"}), a_job("second", labels={"team": "a"})
    whole = plan_document(a_plan(first, second))["totals"]
    part = plan_document(planned(first, second, by=[a_plan(first)]))["totals"]
    assert (whole["jobs"], whole["accelerator_hours"]) == (2, 4)
    assert (part["jobs"], part["accelerator_hours"]) == (1, 2)
    assert part["by_label"] == {
        "team=a": {"jobs": 1, "accelerator_hours": 2, "cpu_hours": None, "unbounded": 1, "cost": None}
    }


def test_a_secret_in_a_label_is_in_no_document():
    job = a_job(labels={"team": "vision", "note": "password=hunter2222"})
    assert "hunter2222" not in repr(plan_document(a_plan(job)))


@pytest.mark.parametrize(
    ("zone", "there"),
    [
        (UTC, Context("2026-11-27", "friday", 16, "UTC")),
        (ZoneInfo("Asia/Shanghai"), Context("2026-11-28", "saturday", 0, "Asia/Shanghai")),
        (ZoneInfo("America/New_York"), Context("2026-11-27", "friday", 11, "America/New_York")),
    ],
)
def test_a_moment_is_told_as_the_clocks_of_a_zone_show_it(zone, there):
    assert context_of(datetime(2026, 11, 27, 16, 30, tzinfo=UTC), zone) == there


def test_when_a_plan_was_made_is_no_part_of_its_digest():
    one, other = (a_plan(a_job(), now=datetime(2026, 11, day, tzinfo=UTC)) for day in (27, 28))
    assert (one.context.weekday, other.context.weekday) == ("friday", "saturday")
    assert one.digest == other.digest
