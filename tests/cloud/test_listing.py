"""Listings as plain functions: shifting rows, moved totals, empty pages, more jobs than pages can show."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.cloud.listing import BEGINNING, LAST_PAGE, MOST, PAGE_SIZE, TRIES, Page, list_all
from dlcapply.errors import FailureKind, ServiceError


def job(number, created=None):
    second = number if created is None else created
    return {"JobId": f"dlc{number:07}", "GmtCreateTime": f"2026-01-01T{second:07}Z"}


def created(row):
    return row["GmtCreateTime"]


class Service:
    """ListJobs over a list that may change before any call; counts the calls."""

    def __init__(self, jobs, changes=None):
        self.jobs = list(jobs)
        self.changes = changes or {}
        self.calls = 0

    def since(self, start):
        """The place of the first job that was created since."""
        return 0 if start == BEGINNING else bisect_left(self.jobs, start, key=created)

    def __call__(self, number, start):
        self.calls += 1
        self.changes.get(self.calls, lambda _: None)(self.jobs)
        first = self.since(start)
        offset = first + (number - 1) * PAGE_SIZE
        return Page(tuple(self.jobs[offset : offset + PAGE_SIZE]), len(self.jobs) - first)


@pytest.mark.parametrize(("total", "calls"), [(0, 1), (1, 1), (100, 1), (101, 2), (250, 3)])
def test_every_row_comes_once_in_as_few_calls_as_pages(total, calls):
    service = Service(map(job, range(total)))
    assert list_all(service) == tuple(map(job, range(total)))
    assert service.calls == calls


def test_a_first_page_already_read_is_not_read_again():
    service = Service(map(job, range(250)))
    first = service(1, BEGINNING)
    assert len(list_all(service, first)) == 250
    assert service.calls == 3


def test_the_rest_of_a_listing_is_known_from_its_first_page():
    assert [Page((), total).rest for total in (0, 1, 100, 101, 250)] == [0, 0, 0, 1, 2]


def test_a_job_created_meanwhile_is_in_the_listing():
    service = Service(map(job, range(200)), {2: lambda jobs: jobs.append(job(200))})
    assert len(list_all(service)) == 201
    assert service.calls == 3


def test_a_job_deleted_meanwhile_makes_the_listing_start_again():
    service = Service(map(job, range(250)), {2: lambda jobs: jobs.pop(0)})
    assert list_all(service) == tuple(map(job, range(1, 250)))
    assert service.calls == 5


def test_rows_that_changed_places_make_the_listing_start_again():
    # A row moves from the second page to the first, another one back: one is seen twice, one never.
    def swap(jobs):
        jobs[50], jobs[150] = jobs[150], jobs[50]

    service = Service(map(job, range(200)), {2: swap})
    assert {row["JobId"] for row in list_all(service)} == {job(number)["JobId"] for number in range(200)}
    assert service.calls == 4


@pytest.mark.parametrize("spoilt", [1, 2, 3])
def test_a_page_without_its_rows_is_no_end(spoilt):
    service = Service(map(job, range(250)))

    def fetch(number, start):
        page = service(number, start)
        return Page((), page.total) if service.calls == spoilt else page

    assert len(list_all(fetch)) == 250


def test_a_first_page_that_was_wrong_is_read_again():
    service = Service(map(job, range(50)))
    assert len(list_all(service, Page((), 50))) == 50


@pytest.mark.parametrize(
    "page", [Page((), 1), Page((job(1),), 2), Page((job(1), job(1)), 2), Page((job(1),), 0)]
)
def test_a_listing_that_never_adds_up_is_an_error_and_not_an_answer(page):
    calls = []

    def fetch(number, _start):
        calls.append(number)
        return page

    with pytest.raises(ServiceError) as failure:
        list_all(fetch)
    assert failure.value.kind is FailureKind.AMBIGUOUS
    assert failure.value.code == "IncompleteListing"
    assert len(calls) == TRIES


def test_a_page_that_fails_fails_the_listing():
    def fetch(number, _start):
        if number == 2:
            raise ServiceError("gone", kind=FailureKind.AMBIGUOUS)
        return Page(tuple(map(job, range(100))), 250)

    with pytest.raises(ServiceError, match="gone"):
        list_all(fetch)


def test_past_the_last_page_the_listing_goes_on_by_time():
    jobs = [job(number, created=number // 7) for number in range(2 * LAST_PAGE * PAGE_SIZE + 321)]
    service = Service(jobs)
    assert list_all(service) == tuple(jobs)
    assert service.calls == pytest.approx(2 * LAST_PAGE + 4, abs=1)


def test_jobs_that_a_start_time_would_lose_are_noticed():
    jobs = [job(number, created=number // 7) for number in range(LAST_PAGE * PAGE_SIZE + 321)]

    class Exclusive(Service):
        def since(self, start):
            return 0 if start == BEGINNING else bisect_right(self.jobs, start, key=created)

    with pytest.raises(ServiceError, match="did not list"):
        list_all(Exclusive(jobs))


def test_more_jobs_of_one_moment_than_pages_show_are_an_error():
    jobs = [job(number, created=5) for number in range(LAST_PAGE * PAGE_SIZE + 1)]
    with pytest.raises(ServiceError, match="created at 2026-01-01T0000005Z"):
        list_all(Service(jobs))


def test_a_last_page_that_is_short_is_no_reason_to_go_on():
    service = Service(map(job, range(LAST_PAGE * PAGE_SIZE + 1)))

    def fetch(number, start):
        page = service(number, start)
        return Page(page.rows[:-1], page.total) if number == LAST_PAGE else page

    with pytest.raises(ServiceError, match="did not list"):
        list_all(fetch)


@given(st.integers(0, 450), st.dictionaries(st.integers(1, 12), st.integers(1, 130), max_size=3))
def test_jobs_that_only_arrive_are_never_missed(total, arrivals):
    """Whatever was there at the beginning is in the answer, and nothing is there twice."""
    changes = {
        call: lambda jobs, more=more: jobs.extend(map(job, range(len(jobs), len(jobs) + more)))
        for call, more in arrivals.items()
    }
    ids = [row["JobId"] for row in list_all(Service(map(job, range(total)), changes))]
    assert len(ids) == len(set(ids))
    assert {job(number)["JobId"] for number in range(total)} <= set(ids)


@given(st.integers(1, 450), st.integers(1, 6), st.data())
def test_no_single_deletion_hides_a_job_that_stays(total, call, data):
    gone = data.draw(st.integers(0, total - 1))

    def delete(jobs):
        jobs[:] = [row for row in jobs if row != job(gone)]

    ids = {row["JobId"] for row in list_all(Service(map(job, range(total)), {call: delete}))}
    assert {job(number)["JobId"] for number in range(total) if number != gone} <= ids


class Forever:
    """A service that always has another page; `page` makes it of a number and a start."""

    def __init__(self, page):
        self.page = page
        self.calls = 0

    def __call__(self, number, start):
        self.calls += 1
        return self.page(self.calls, number, start)


def full(first, created=None):
    return tuple(job(number, created=created) for number in range(first, first + PAGE_SIZE))


@pytest.mark.parametrize("rows", [full(0), full(0)[:7], ()], ids=["full", "short", "empty"])
def test_the_same_page_for_ever_is_no_listing(rows):
    service = Forever(lambda *_: Page(rows, MOST))
    with pytest.raises(ServiceError, match="did not list"):
        list_all(service)
    assert service.calls <= 2 * TRIES


def test_old_jobs_under_ever_later_times_are_no_listing():
    service = Forever(lambda calls, number, _: Page(full(number * PAGE_SIZE, created=calls), MOST))
    with pytest.raises(ServiceError, match="did not list"):
        list_all(service)
    assert service.calls == TRIES * 2 * LAST_PAGE


def test_a_time_that_can_not_be_read_does_not_go_on():
    rows = [job(number) for number in range(LAST_PAGE * PAGE_SIZE + 1)]
    rows[LAST_PAGE * PAGE_SIZE - 1] |= {"GmtCreateTime": ["2027"]}
    with pytest.raises(ServiceError, match="can't show more"):
        list_all(Service(rows))
