"""Stops by hand, of jobs that are not as simple as one run with a manifest that can be read."""

from __future__ import annotations

import json

from dlcapply.emulator import Switches

BROKEN = "kind: Job\nmetadata: {name: b}\nspec: {Bogus: 1}\n"
NO_YAML = "kind: Job\nmetadata: {name: c}\nspec: [\n"


def second_run(project, **marks):
    """Beside the first run there is, another of the same job; the JobIds of both."""
    first = project.emulator.jobs()[0]
    tags = {**first["Settings"]["Tags"], "dlcapply-op": "another", **marks}
    seed = {"DisplayName": first["DisplayName"], "Settings": {"Tags": tags}}
    return first["JobId"], *project.emulator.seed(seed)


def stopped(project, *args):
    """The exit code, and what became of each run, by JobId."""
    done = project.run("stop", *args, "--yes", "-o", "json")
    return done.code, {row["job_id"]: row["result"] for row in json.loads(done.out)["runs"]}


def test_a_run_that_is_left_alone_keeps_no_other_of_its_job_from_being_stopped(project):
    project.job("a")
    project.run("apply", "--yes")
    first, second = second_run(project, **{"dlcapply-protect": "true"})
    (project.folder / "jobs/a.yaml").unlink()
    project.emulator.turn(600)
    assert stopped(project, "--all") == (
        7,
        {first: "stopped", second: "protected"},
    )


def test_a_job_and_a_run_of_it_may_both_be_named(project):
    project.job("a")
    project.job("b")
    project.run("apply", "jobs/a.yaml", "--yes")
    first, second = second_run(project)
    assert stopped(project, "a", first, "b") == (0, {first: "stopped", second: "stopped"})


def test_by_name_alone_what_a_broken_manifest_hides_is_not_passed_over(project):
    text = (project.folder / "dlcapply.yaml").read_text()
    project.write("dlcapply.yaml", text.replace("manifests:", "identity: name\nmanifests:"))
    for name in ("a", "b", "c"):
        project.job(name)
    project.run("apply", "--yes")
    ids = {job["DisplayName"]: job["JobId"] for job in project.emulator.jobs()}
    project.write("jobs/b.yaml", BROKEN)
    project.write("jobs/c.yaml", NO_YAML)
    done = project.run("stop", "--all", "--yes")
    assert "jobs/c.yaml can't be read" in done.out
    assert [project.statuses(name) for name in "abc"] == [["Stopped"], ["Running"], ["Running"]]
    assert stopped(project, "--all", "--allow-protected", "b") == (7, {ids["b"]: "stopped"})
    project.job("c")
    assert stopped(project, "b", "c") == (0, {ids["c"]: "stopped"})


def test_of_a_run_that_has_ended_it_is_said_whether_it_still_holds_what_is_paid_for(project):
    project.job("a")
    project.run("apply", "--yes")
    (job,) = project.emulator.jobs()
    for status, holds in (("FailedReserving", True), ("SucceededReserving", True), ("Failed", False)):
        project.emulator.change(job["JobId"], Status=status)
        for word in ("a", job["JobId"]):
            said = project.run("stop", word, "--yes").out
            assert f"nothing to stop: {job['JobId']} ({status}) has ended" in said
            assert ("holds its resources" in said) is holds


def test_a_run_that_is_called_by_the_id_of_another_hides_it_from_no_stop(project):
    for name in "abc":
        project.job(name)
    project.run("apply", "--yes")
    a, b, c = (job["JobId"] for job in sorted(project.emulator.jobs(), key=lambda job: job["DisplayName"]))
    project.emulator.seed(*({"DisplayName": job_id, "Status": "Succeeded"} for job_id in (a, b)))
    assert stopped(project, a) == (0, {a: "stopped"})
    project.job(b)
    done = project.run("wait", "b", "c", "--timeout", "1m", "--on-timeout", "stop")
    assert (done.code, done.out.count("stopped, as it was not done in time")) == (11, 2)
    assert [job["Status"] for job in project.emulator.jobs() if job["JobId"] in {b, c}] == ["Stopped"] * 2


def test_of_runs_that_are_not_done_in_time_all_are_told_to_stop_before_one_is_waited_for(project):
    for name in "abc":
        project.job(name)
    project.run("apply", "--yes", "--wait", "--wait-timeout", "1m", "--on-timeout", "stop")
    ends = [(job["Status"], job["GmtStoppedTime"]) for job in project.emulator.jobs()]
    assert ends == [("Stopped", ends[0][1])] * 3


def test_a_run_that_no_listing_shows_yet_is_stopped_and_seen_to_end(project):
    project.emulator.configure(switches=Switches(check_references=False, list_lag=3600.0))
    for name in "ab":
        project.job(name)
    project.run("apply", "--yes")
    a, b = (job["JobId"] for job in sorted(project.emulator.jobs(), key=lambda job: job["DisplayName"]))
    assert "EnvPreparing" in project.run("why", "a").out
    assert stopped(project, "a") == (0, {a: "stopped"})
    assert stopped(project, "--all") == (0, {b: "stopped"})
    project.emulator.configure(switches=Switches(check_references=False, list_lag=3600.0, get_lag=3600.0))
    for words in (["a"], ["--all"]):
        told = project.run("stop", *words, "--yes").out
        assert f"a: {a} was created from here, and PAI does not show it" in told


def test_a_pattern_that_nothing_is_called_by_is_an_error_and_what_has_ended_is_none(project):
    project.job("train")
    project.run("apply", "--yes")
    misspelt = project.run("stop", "--select", "trian", "--yes")
    assert (misspelt.code, "did you mean train" in misspelt.err, project.writes) == (1, True, ["CreateJob"])
    (project.folder / "jobs/train.yaml").unlink()
    assert [project.run("stop", "--select", "tr*", "--yes").code for _ in range(2)] == [0, 0]
    assert project.statuses("train") == ["Stopped"]
