"""Stops by hand, of jobs that are not as simple as one run with a manifest that can be read."""

from __future__ import annotations

import json

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
