"""`apply --approved`: files and folders of saved plans, and what of a command they reach."""

import json
import os
from pathlib import Path

import pytest

from dlcapply.emulator import Fault, FaultKind

FOLDER = Path("approvals")


@pytest.fixture
def approved(project):
    """A project with one job whose plan is saved in a folder, and another that came later."""
    project.job("train")
    FOLDER.mkdir()
    assert project.run("plan", "--out", "approvals/p.json").code == 0
    project.job("later")
    return project


def apply(project, *args):
    return project.run("apply", "--yes", *args)


def names(project):
    return [job["DisplayName"] for job in project.emulator.jobs()]


def test_an_approved_change_is_carried_out_at_another_commit_by_somebody_else(approved):
    approved.environ = {"GITHUB_SHA": "0" * 40, "GITHUB_ACTOR": "somebody"}
    assert apply(approved, "--approved", "approvals").code == 3
    assert names(approved) == ["train"]


def test_whatever_else_is_asked_for_holds(approved):
    assert apply(approved, "--approved", "approvals", "--select", "later").code == 3
    assert apply(approved, "jobs/later.yaml", "--approved", "approvals/p.json").code == 3
    assert names(approved) == []
    assert apply(approved, "jobs/train.yaml", "-e", "local", "--approved", "approvals/p.json").code == 0
    assert names(approved) == ["train"]


def test_nothing_is_needed_or_waited_for_that_is_held_back(approved):
    """Neither its variables, nor its run; and nobody is asked about nothing."""
    approved.job("later", more="envFrom: [{name: KEY, fromEnv: NOT_SET}]\n")
    approved.emulator.turn(1)
    waited = apply(approved, "--approved", "approvals", "--wait=running", "--wait-timeout", "1h")
    assert waited.code == 3
    assert "NOT_SET" not in waited.err
    assert names(approved) == ["train"]


def test_the_command_that_waits_again_does_no_more_than_was_approved(approved):
    printed = apply(approved, "--approved", "approvals", "--wait", "--wait-timeout", "0s")
    assert printed.code == 11
    assert "wait again:\n  dlcapply apply --approved approvals --wait=finished\n" in printed.err


def test_a_folder_may_hold_other_files_and_folders(approved):
    for name, text in {
        "a/b/report.json": "{}",
        "notes.txt": "x",
        "a/plan.json.bak": "{",
        "z.json": "{}",
    }.items():
        approved.write(f"approvals/{name}", text)
    printed = apply(approved, "--approved", "approvals")
    assert (printed.code, names(approved)) == (3, ["train"])
    told = [line for line in printed.err.splitlines() if line.startswith("passed over")]
    assert told == [
        "passed over: approvals/z.json is not a saved plan",
        "passed over: approvals/a/b/report.json is not a saved plan",
    ]


@pytest.mark.parametrize(
    "text", ["{", "", "[]", '{"kind": "SavedPlan"}', '{"kind": "SavedPlan", "format_version": 3}']
)
def test_what_may_be_a_plan_and_can_not_be_read_is_no_approval_less(approved, text):
    """A download that broke off is told, and not passed over."""
    approved.write("approvals/broken.json", text)
    printed = apply(approved, "--approved", "approvals")
    assert (printed.code, names(approved)) == (1, [])
    assert "approvals/broken.json" in printed.err
    assert "dlcapply plan --out" in printed.err


def test_a_named_file_must_be_a_plan(approved):
    approved.write("report.json", "{}")
    printed = apply(approved, "--approved", "report.json")
    assert (printed.code, names(approved)) == (1, [])


def test_what_can_not_be_looked_into_is_an_error(approved):
    (FOLDER / "locked").mkdir(mode=0)
    if os.geteuid() != 0:
        assert apply(approved, "--approved", "approvals").code == 1
    assert apply(approved, "--approved", "no/such").code == 1
    assert apply(approved, "--approved", "").code == 64
    assert names(approved) == []


def test_a_replace_that_was_only_half_done_is_finished(project):
    """A person would have to look, if nothing that was approved could go on."""
    replaces = "run: {onChange: replace}\n"
    project.job("train", more=replaces)
    assert apply(project).code == 0
    project.job("train", "train.py", "other.py", more=replaces)
    assert project.run("plan", "--allow-replace", "train", "--out", "p.json").code == 0
    project.emulator.fault(Fault("CreateJob", FaultKind.ERROR, status=400, code="InvalidParameter"))
    assert apply(project, "--approved", "p.json").code == 7
    assert project.statuses("train") == ["Stopped"]
    assert apply(project, "--approved", "p.json").code == 0
    assert len(project.statuses("train")) == 2
    assert apply(project, "--approved", "p.json").code == 0
    assert project.writes == ["CreateJob", "StopJob", "CreateJob", "CreateJob"]


def test_files_that_are_not_looked_at_are_hinted_at(approved):
    (FOLDER / "p.json").rename(FOLDER / "plan")
    printed = apply(approved, "--approved", "approvals")
    assert (printed.code, names(approved)) == (3, [])
    assert "no approval holds: approvals; there is no file named *.json" in printed.err


def test_links_in_a_folder_lead_into_no_other_folder(approved):
    FOLDER.rename("elsewhere")
    FOLDER.mkdir()
    (FOLDER / "link").symlink_to("../elsewhere")
    printed = apply(approved, "--approved", "approvals")
    assert (printed.code, names(approved)) == (3, [])
    assert "no approval holds: approvals" in printed.err


def test_a_folder_of_too_many_files_is_another_folder(approved):
    for number in range(1001):
        (FOLDER / f"{number}.json").write_text("{}")
    printed = apply(approved, "--approved", "approvals")
    assert (printed.code, names(approved)) == (1, [])
    assert "more than 1,000 JSON files" in printed.err


def test_a_refusal_tells_what_was_not_approved_from_what_was(approved):
    approved.configure(", limits: {gpuHours: 0.5}")
    printed = apply(approved, "--approved", "approvals", "-o", "json")
    document = json.loads(printed.out)
    assert printed.code == 5
    assert [(row["name"], row["result"]) for row in document["outcomes"]] == [
        ("later", "not-approved"),
        ("train", "not-done"),
    ]


def test_a_failed_create_weighs_more_than_what_was_held_back(approved):
    approved.emulator.fault(Fault("CreateJob", FaultKind.ERROR, status=403, code="NoPermission"))
    printed = apply(approved, "--approved", "approvals")
    assert printed.code == 1


def test_without_a_project_an_approval_holds_for_that_owner_alone(approved):
    Path("dlcapply.yaml").unlink()
    where = ["jobs", "--region", "cn-hangzhou", "--workspace", "1001"]
    where += ["--endpoint", f"http://{approved.emulator.endpoint}"]
    assert approved.run("plan", *where, "--owner", "me", "--out", "mine.json").code == 0
    others = apply(approved, *where, "--owner", "you", "--approved", "mine.json")
    assert (others.code, names(approved)) == (3, [])
    assert "mine.json is for the owner me, and the manifests now say you" in others.err
    assert apply(approved, *where, "--owner", "me", "--approved", "mine.json").code == 0
