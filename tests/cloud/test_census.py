from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.cloud.census import take_census
from dlcapply.cloud.listing import BEGINNING, PAGE_SIZE, Page, survey_workspace
from dlcapply.emulator import Fault, FaultKind
from dlcapply.errors import ServiceError
from dlcapply.model.jobs import Identity
from dlcapply.model.runs import Census
from dlcapply.planning.marks import OWNER_TAG


def names_of(runs):
    return [run.name for run in runs]


class Counted:
    """Pages of rows, counted together with those of its filters."""

    def __init__(self, rows):
        self.rows = rows
        self.calls = []

    def named(self, name):
        def fetch(number, start):
            fitting = [row for row in self.rows if name.lower() in row["DisplayName"].lower()]
            return self.page(fitting, number, start)

        return fetch

    def __call__(self, number, start):
        return self.page(self.rows, number, start)

    def page(self, rows, number, start):
        self.calls.append((number, start))
        offset = (number - 1) * PAGE_SIZE
        return Page(tuple(rows[offset : offset + PAGE_SIZE]), len(rows))


def workspace_of(names):
    return Counted([{"JobId": f"dlc{number}", "DisplayName": name} for number, name in enumerate(names)])


def test_ten_names_among_a_hundred_thousand_jobs_take_few_calls():
    names = [f"wanted-{number:02}" for number in range(10)]
    workspace = workspace_of([*names, *(f"other-{number}" for number in range(100_000 - 10))])
    survey = survey_workspace(workspace, [workspace.named(name) for name in names])
    assert {row["DisplayName"] for row in survey.rows} == set(names)
    assert survey.jobs == 100_000
    assert len(workspace.calls) <= 25


def test_five_hundred_names_among_ten_thousand_jobs_are_found_by_paging():
    workspace = workspace_of(f"job-{number:05}" for number in range(10_000))
    survey = survey_workspace(workspace, [workspace.named(f"job-{number:05}") for number in range(500)])
    assert len(survey.rows) == survey.jobs == 10_000
    assert len(workspace.calls) == 100


def test_a_name_that_is_part_of_every_other_is_found_by_paging():
    workspace = workspace_of(f"train-{number}" for number in range(1000))
    survey = survey_workspace(workspace, [workspace.named(name) for name in ("train", "train-", "rain")])
    assert len(survey.rows) == 1000
    assert len(workspace.calls) == 12


def test_a_workspace_of_one_page_takes_one_call():
    workspace = workspace_of(["a", "b"])
    survey = survey_workspace(workspace, [workspace.named("a")])
    assert len(survey.rows) == 2
    assert workspace.calls == [(1, BEGINNING)]


@given(
    st.lists(st.text("ab", min_size=1, max_size=3), max_size=700),
    st.sets(st.text("ab", min_size=1, max_size=3), max_size=6),
)
def test_either_way_every_wanted_row_is_there_once(live, names):
    workspace = workspace_of(live)
    rows = survey_workspace(workspace, [workspace.named(name) for name in names]).rows
    found = [row["JobId"] for row in rows if row["DisplayName"] in names]
    assert sorted(found) == sorted(row["JobId"] for row in workspace.rows if row["DisplayName"] in names)


def test_names_are_exact_and_case_sensitive(emulator, service, environment, job_body):
    emulator.seed(*(job_body(name) for name in ("train", "Train", "train-2", "pretrain", "train")))
    runs = take_census(service, environment=environment, names={"train"}, orphans=False).runs
    assert names_of(runs) == ["train", "train"]
    assert not any(run.detailed for run in runs)


def test_every_old_job_of_every_user_is_looked_at(emulator, service, environment, job_body):
    old = job_body("old", GmtCreateTime="2001-02-03T04:05:06Z", Status="Succeeded")
    foreign = job_body("foreign", UserId="1000000000000002", Accessibility="PUBLIC")
    emulator.seed(old, foreign)
    seen = take_census(service, environment=environment, names={"old", "foreign"}, orphans=False)
    runs, census = seen.runs, seen.census
    assert names_of(runs) == ["old", "foreign"]
    assert census == Census(jobs=2, since=BEGINNING, workspace_id="1001", region="cn-hangzhou", calls=1)


def marked(owner):
    return {"Tags": {OWNER_TAG: owner}}


@pytest.mark.parametrize("others", [0, 500])
def test_orphans_are_the_owner_s_other_runs(emulator, service, environment, job_body, others):
    emulator.seed(
        job_body("kept"),
        job_body("orphan", Settings=marked("vision/local")),
        job_body("stranger", Settings=marked("vision/prod")),
        job_body("unmarked"),
        *(job_body(f"other-{number}") for number in range(others)),
    )
    seen = take_census(service, environment=environment, names={"kept"}, orphans=True)
    runs, census = seen.runs, seen.census
    assert sorted(names_of(runs)) == ["kept", "orphan"]
    assert census.jobs == 4 + others
    assert census.calls == (3 if others else 1)


@pytest.mark.parametrize(
    "change", [{"identity": Identity.NAME}, {"owner": ""}], ids=["by name", "without an owner"]
)
def test_without_marks_there_are_no_orphans(emulator, service, environment, job_body, change):
    emulator.seed(job_body("x", Settings=marked("vision/local")), *(job_body(str(n)) for n in range(300)))
    runs = take_census(service, environment=replace(environment, **change), names=set(), orphans=True).runs
    assert runs == ()
    assert not any("Tags" in entry.path for entry in emulator.requests)


def test_orphans_are_not_looked_for_unasked(emulator, service, environment, job_body):
    emulator.seed(job_body("orphan", Settings=marked("vision/local")))
    runs = take_census(service, environment=environment, names=set(), orphans=False).runs
    assert runs == ()


def test_every_page_asks_for_all_jobs_of_the_workspace(emulator, service, environment, job_body):
    emulator.seed(*(job_body(f"job-{number}") for number in range(350)))
    take_census(service, environment=environment, names={"job-1"}, orphans=True)
    for entry in emulator.requests:
        query = parse_qs(urlsplit(entry.path).query)
        assert query["ShowOwn"] == ["false"]
        assert query["WorkspaceId"] == ["1001"]
        assert query["StartTime"] == [BEGINNING]
        assert (query["SortBy"], query["Order"], query["PageSize"]) == (["GmtCreateTime"], ["asc"], ["100"])


def test_an_empty_page_is_asked_for_again(emulator, service, environment, job_body):
    emulator.seed(job_body("x"))
    emulator.fault(Fault("ListJobs", FaultKind.SHORT_LISTING))
    runs = take_census(service, environment=environment, names={"x"}, orphans=False).runs
    assert names_of(runs) == ["x"]


@pytest.mark.parametrize(
    "kind", [FaultKind.SHORT_LISTING, FaultKind.MOVED_TOTAL, FaultKind.ERROR, FaultKind.LOST]
)
def test_a_listing_that_stays_wrong_is_never_no_jobs(emulator, service, environment, job_body, kind):
    emulator.seed(job_body("x"))
    emulator.fault(Fault("ListJobs", kind, times=None))
    with pytest.raises(ServiceError):
        take_census(service, environment=environment, names={"y"}, orphans=False)
