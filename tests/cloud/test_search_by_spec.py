"""Runs of ours for a spec, under names that no job has: found by their marks, in few calls."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from dlcapply.cloud.gathering import Records, gather
from dlcapply.cloud.jobs import JOBS, JobService
from dlcapply.emulator import Switches
from dlcapply.model.claims import Claim, OwnerMarks
from dlcapply.model.jobs import State
from dlcapply.planning.create_body import create_body
from dlcapply.planning.marks import marks_for
from dlcapply.planning.operations import operation_id
from tests.builders import a_job, an_environment

ENVIRONMENT = an_environment()
OLD = a_job("old")
NEW = a_job("new")


def body_of(job, **changes):
    """The run of a job as it was sent, and since then has ended."""
    sent = create_body(job, marks=marks_for(job, op=operation_id(job, newest=None)), env={})
    return {**sent, "Status": "Succeeded", "GmtCreateTime": "2026-01-01T00:00:00Z", **changes}


def others(count, **changes):
    return (
        {"DisplayName": f"other-{number:06}", "WorkspaceId": "1001", **changes} for number in range(count)
    )


class Recorded:
    """A connection to a workspace that is kept in memory, and answers ListJobs as its documents say."""

    def __init__(self, *bodies, sees_tags=True):
        self._rows = [
            {
                "JobId": f"dlc{number:06}",
                "GmtCreateTime": "2025-01-01T00:00:00Z",
                "Status": "Succeeded",
                **body,
            }
            for number, body in enumerate(bodies)
        ]
        self._sees_tags = sees_tags
        self.queries = []

    @property
    def calls(self):
        return len(self.queries)

    def read(self, operation, path, query=None):
        assert (operation, path) == ("ListJobs", JOBS)
        self.queries.append(query)
        rows = self._rows
        if name := query.get("DisplayName", "").lower():
            rows = [row for row in rows if name in row["DisplayName"].lower()]
        if "Tags" in query:
            wanted = json.loads(query["Tags"]).items() if self._sees_tags else {("nobody", "has it")}
            rows = [row for row in rows if wanted <= row.get("Settings", {}).get("Tags", {}).items()]
        offset = 100 * (int(query["PageNumber"]) - 1)
        return {"Jobs": rows[offset : offset + 100], "TotalCount": len(rows)}


def looked(connection, *jobs, orphans=False, names=frozenset(), claims=None):
    service = JobService(connection, workspace_id="1001", owner=ENVIRONMENT.owner, claims=claims or {})
    live = gather(service, jobs=jobs, environment=ENVIRONMENT, orphans=orphans, records=Records(names=names))
    return [run.name for run in live.runs]


@pytest.mark.parametrize("sees_tags", [True, False])
@pytest.mark.parametrize("orphans", [True, False])
@pytest.mark.parametrize("count", [0, 1500])
@pytest.mark.parametrize("proof", [True, False])
def test_a_run_under_a_name_that_is_gone_is_found_however_the_filter_works(sees_tags, orphans, count, proof):
    declared = a_job("declared", UserCommand="python other.py")
    bodies = (body_of(OLD), *([body_of(declared)] if proof else []), *others(count))
    connection = Recorded(*bodies, sees_tags=sees_tags)
    found = looked(connection, NEW, declared, orphans=orphans)
    assert "old" in found
    assert set(found) <= {"old", "declared"}


def test_a_job_that_has_its_run_asks_for_nothing_more():
    connection = Recorded(body_of(NEW), body_of(OLD), *others(1500))
    assert looked(connection, NEW) == ["new"]
    assert connection.calls == 2


@pytest.mark.parametrize("names", [frozenset({"old"}), frozenset({"new", "old"})])
def test_runs_of_declared_jobs_are_left_out(names):
    assert looked(Recorded(body_of(OLD)), NEW, names=names) == []
    assert looked(Recorded(body_of(OLD), *others(1500)), NEW, names=names) == []


def test_without_other_names_the_workspace_is_not_paged_for_a_warning():
    connection = Recorded(body_of(OLD), *others(1500), sees_tags=False)
    assert looked(connection, NEW, names=None) == []
    assert connection.calls < 10
    assert looked(Recorded(body_of(OLD), *others(1500)), a_job("kept"), NEW, names=None) == []


def test_a_filter_is_proved_by_the_tags_of_strangers_where_we_have_no_run():
    strange = {"Settings": {"Tags": {"team": "nlp"}}}
    connection = Recorded(*others(1500), *others(1, **strange))
    assert looked(connection, NEW) == []
    assert connection.calls == 5  # the workspace, the name, the newest page, the proof, the spec


def test_a_filter_that_is_ignored_proves_nothing():
    class Ignoring(Recorded):
        def read(self, operation, path, query=None):
            return super().read(operation, path, {key: query[key] for key in query if key != "Tags"})

    connection = Ignoring(body_of(OLD), body_of(a_job("kept", UserCommand="other")), *others(1500))
    assert sorted(looked(connection, a_job("kept", UserCommand="other"), NEW)) == ["kept", "old"]


def test_a_run_that_is_ours_by_claim_is_found_by_its_id():
    job_id = "dlc000000"
    marks = {name.removeprefix("dlcapply-"): text for name, text in marks_for(OLD, op="").items() if text}
    claim = Claim(job_id, "old", marks, OwnerMarks())
    bare = {key: value for key, value in body_of(OLD).items() if key != "Settings"}

    class Knowing(Recorded):
        def read(self, operation, path, query=None):
            if operation == "GetJob":
                return self._rows[0]
            return super().read(operation, path, query)

    connection = Knowing(bare, *others(1500, Settings={"Tags": {"team": "nlp"}}))
    assert looked(connection, NEW, claims={job_id: claim}) == ["old"]


def test_no_run_of_others_is_taken_for_ours():
    foreign = body_of(OLD)
    foreign["Settings"] = {"Tags": {**foreign["Settings"]["Tags"], "dlcapply-owner": "others/local"}}
    assert looked(Recorded(foreign), NEW) == []


def test_a_job_that_is_to_be_stopped_asks_for_nothing():
    stopped = replace(NEW, rules=replace(NEW.rules, state=State.STOPPED))
    assert looked(Recorded(body_of(OLD)), stopped) == []


DECLARED = tuple(a_job(f"job-{number:03}", UserCommand=f"python {number}.py") for number in range(500))


def changed(jobs, count):
    return (*(a_job(job.name, UserCommand=f"{job.name} anew") for job in jobs[:count]), *jobs[count:])


@pytest.mark.parametrize("orphans", [True, False])
@pytest.mark.parametrize("edited", [0, 1, 500])
def test_five_hundred_manifests_among_ten_thousand_jobs_take_a_hundred_calls(orphans, edited):
    connection = Recorded(*map(body_of, DECLARED), *others(9_500))
    looked(connection, *changed(DECLARED, edited), orphans=orphans)
    assert connection.calls <= 110


@pytest.mark.parametrize("orphans", [True, False])
@pytest.mark.parametrize("edited", [0, 1, 9])
def test_ten_manifests_among_a_hundred_thousand_jobs_take_few_calls(orphans, edited):
    connection = Recorded(*map(body_of, DECLARED[:10]), *others(99_990))
    looked(connection, *changed(DECLARED[:10], edited), orphans=orphans)
    assert connection.calls <= 25


@pytest.mark.parametrize("tags_filter", ["settings", "resources", "both"])
def test_a_renamed_job_is_found_in_a_service_that_filters_in_any_way(
    emulator, service, job_body, tags_filter
):
    emulator.configure(switches=Switches(check_references=False, tags_filter=tags_filter))
    emulator.seed(
        body_of(OLD), body_of(a_job("kept", UserCommand="x")), *(job_body(f"o-{n}") for n in range(400))
    )
    jobs = [NEW, a_job("kept", UserCommand="x")]
    live = gather(service, jobs=jobs, environment=ENVIRONMENT, orphans=False)
    assert {run.name for run in live.runs} == {"old", "kept"}
