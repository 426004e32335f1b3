"""Files of reports are looked at before anything is done; errors are documents where JSON was asked for."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from dlcapply.cli.failures import ErrorOutput, failure_of, tell
from dlcapply.cli.shell import Shell
from dlcapply.cli.streams import telling
from dlcapply.emulator import Fault, FaultKind

SCHEMA = Path(__file__).parents[2] / "schemas/error.v1.schema.json"
ERRORS = Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))


@pytest.mark.parametrize(
    ("file", "why"),
    [
        ("missing/report.json", "there is no folder missing"),
        ("jobs", "it is a folder"),
        ("jobs/", "it is a folder"),
        ("dlcapply.yaml/report.json", ""),
        ("n" * 300, "File name too long"),
        ("nul\0.json", "no file can have such a name"),
    ],
)
@pytest.mark.parametrize("option", ["-ojson={}", "-otext={}"])
def test_a_file_that_can_not_be_written_stops_a_command_before_its_first_request(project, file, why, option):
    project.job("a")
    for command in (["apply", "--yes"], ["plan"], ["status"]):
        printed = project.run(*command, option.format(file))
        assert (printed.code, why in printed.err, "can't be written" in printed.err) == (1, True, True)
    assert project.emulator.requests == ()


def test_out_is_looked_at_like_reports(project):
    project.job("a")
    printed = project.run("plan", "--out", "missing/plan.json")
    assert (printed.code, project.emulator.requests) == (1, ())
    assert project.run("plan", "--out", "same.json", "-ojson=./same.json").code == 64


@pytest.mark.parametrize("other", ["./report", "jobs/../report", "{here}/report", "link/report", "report"])
def test_two_outputs_in_one_file_are_wrong_usage_by_any_spelling(project, other):
    project.job("a")
    (project.folder / "link").symlink_to(project.folder)
    printed = project.run("apply", "--yes", "-ojson=report", f"-otext={other.format(here=project.folder)}")
    assert (printed.code, project.emulator.requests) == (64, ())
    assert "two outputs in one file" in printed.err


def test_devices_and_pipes_are_written_to_and_stay_what_they_are(project):
    project.job("a")
    reader, writer = os.pipe()
    printed = project.run("plan", "-ojson=/dev/null", "-otext=/dev/null", f"-ojson=/dev/fd/{writer}")
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as stream:
        document = json.loads(stream.read())
    assert (printed.code, [change["name"] for change in document["changes"]]) == (0, ["a"])
    assert Path("/dev/null").is_char_device()


def test_a_plan_that_can_not_be_saved_is_reported_all_the_same(project):
    project.job("a")
    printed = project.run("plan", "--out", "/dev/full", "-o", "json", "--detailed-exitcode")
    assert (printed.code, json.loads(printed.out)["summary"]["create"]) == (1, 1)
    assert "/dev/full: can't be written: No space left on device" in printed.err


def error_of(text):
    document = json.loads(text)
    ERRORS.validate(document)
    return document["error"]


COMMANDS = [["validate"], ["render"], ["plan"], ["apply", "--yes"], ["status"], ["show", "none.json"]]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("wrong", [["--frobnicate"], ["-o", "json=missing/x.json"]])
def test_wrong_words_are_a_document_for_every_command(project, command, wrong):
    printed = project.run(*command, "-o", "json", *wrong)
    error = error_of(printed.out)
    assert error["exit_code"] == printed.code
    assert error["message"] in printed.err
    assert project.run(*command, *wrong).out == ""


@pytest.mark.parametrize("command", COMMANDS[1:4])
def test_invalid_manifests_are_a_document_with_its_findings(project, command):
    project.job("a", "PodCount: 1", "PodCount: many")
    printed = project.run(*command, "-o", "json")
    error = error_of(printed.out)
    assert (error["code"], error["exit_code"], printed.code) == ("invalid", 4, 4)
    assert json.loads(printed.out)["findings"][0]["path"] == "spec.JobSpecs[0].PodCount"


def test_each_kind_of_failure_has_its_code(project):
    project.job("a")
    project.emulator.fault(Fault("ListJobs", FaultKind.ERROR, status=403, code="Forbidden", times=None))
    forbidden = error_of(project.run("plan", "-o", "json").out)
    assert (forbidden["code"], "request " in forbidden["message"]) == ("Forbidden", True)
    project.emulator.clear_faults()
    unreachable = project.run("plan", "-o", "json", "--endpoint", "http://127.0.0.1:9")
    assert error_of(unreachable.out)["code"] == "no-answer"
    stale = project.run("apply", "--yes", "--plan", "jobs/a.yaml", "-o", "json")
    assert error_of(stale.out)["code"] == "failed"
    (project.folder / "jobs/a.yaml").unlink()
    nothing = project.run("plan", "-o", "json")
    assert (error_of(nothing.out)["code"], nothing.code) == ("no-manifests", 10)


def test_the_document_goes_to_every_file_that_json_was_asked_for(project):
    printed = project.run("plan", "no/such/path", "-o", "json=error.json", "-o", "text=plan.txt")
    assert (printed.code, printed.out) == (64, "")
    assert error_of((project.folder / "error.json").read_text("utf-8"))["code"] == "usage"
    assert not (project.folder / "plan.txt").exists()


@pytest.mark.parametrize("command", [["plan"], ["apply", "--yes"], ["validate"], ["show"]])
def test_errors_are_markdown_where_markdown_was_asked_for(project, command):
    printed = project.run(*command, "no/such/path", "-o", "markdown", "-o", "json=error.json")
    assert printed.out.startswith("### dlcapply failed\n\n> [!CAUTION]\n> ")
    assert f"\nExit code {printed.code}: " in printed.out
    assert error_of((project.folder / "error.json").read_text("utf-8"))["exit_code"] == printed.code


def test_manifests_that_are_not_valid_are_markdown_and_annotations(project):
    project.job("a", "PodCount: 1", "PodCount: many")
    printed = project.run("plan", "-o", "markdown", "-o", "github=annotations")
    assert "- **error** `wrong-type` `jobs/a.yaml:11:17`: " in printed.out
    annotations = (project.folder / "annotations").read_text("utf-8")
    assert annotations.startswith("::error file=jobs/a.yaml,line=11,col=17,title=wrong-type::")


def test_a_saved_plan_is_shown_as_it_was_planned_in_every_form_that_has_its_document(project):
    project.job("a")
    planned = project.run("plan", "--out", "p.json", "-o", "markdown", "-o", "html=plan.html")
    shown = project.run("show", "p.json", "-o", "markdown", "-o", "html=shown.html")
    assert planned.out == shown.out
    assert "### dlcapply plan for " in shown.out
    pages = [(project.folder / name).read_text("utf-8") for name in ("plan.html", "shown.html")]
    assert pages[0] == pages[1]
    assert pages[0].startswith("<!DOCTYPE html>")


def test_markdown_fits_what_it_is_asked_to_fit(project):
    for end in ("xx", "yy"):
        project.job("a", "python train.py", f"'{'x' * 40_000}{end}'")
        if end == "xx":
            project.run("apply", "--yes")
    comment = project.run("plan", "-o", "markdown").out
    summary = project.run("plan", "-o", "markdown", "--markdown-size", "summary").out
    assert "Shortened to fit: " in comment
    assert "xyy" in comment
    assert len(comment) < 64_512
    assert len(summary) > 80_000


def test_failures_of_an_apply_are_annotated_at_their_manifests(project):
    project.job("a")
    fault = Fault("CreateJob", FaultKind.ERROR, status=400, code="InvalidParameter", times=None)
    project.emulator.fault(fault)
    printed = project.run("apply", "--yes", "-o", "github")
    assert printed.code == 1
    assert printed.out.startswith("::error file=jobs/a.yaml,line=1,col=1,title=refused::a: CreateJob failed")


def test_a_duration_that_can_not_be_read_is_left_out(project):
    project.job("a")
    project.run("apply", "--yes")
    (job,) = project.emulator.jobs()
    for odd in ("soon", True, 1.5, [1], {}):
        project.emulator.change(job["JobId"], Duration=odd)
        assert project.run("status").code == 0
        assert json.loads(project.run("status", "-o", "json").out)["jobs"][0]["duration_seconds"] is None


def test_a_fault_of_ours_is_a_document_that_repeats_nothing_of_it(capsys):
    with telling({}):
        tell(failure_of(ValueError("hunter2")), ErrorOutput(places=(("json", ""),)), Shell({}))
    printed = capsys.readouterr()
    assert error_of(printed.out)["code"] == "internal"
    assert "ValueError" in printed.out
    assert "hunter2" not in printed.out + printed.err


def test_what_was_refused_is_one_document_with_its_outcomes(project):
    project.configure(", limits: {creates: 0}")
    project.job("a")
    printed = project.run("apply", "--yes", "-o", "json")
    assert (printed.code, json.loads(printed.out)["exit_code"]) == (5, 5)


def test_annotations_of_invalid_manifests_name_files_from_the_root_of_the_repository(project, monkeypatch):
    subprocess.run(["/usr/bin/env", "git", "init", "-q", project.folder], check=True)
    project.job("a", more="Foo: 1\n")
    monkeypatch.chdir(project.folder / "jobs")
    for command in (["validate"], ["plan"], ["apply", "--yes"]):
        assert "::error file=jobs/a.yaml,line=" in project.run(*command, "-o", "github").out
        assert "`jobs/a.yaml:" in project.run(*command, "-o", "markdown").out


def test_an_error_in_markdown_has_the_room_that_was_asked_for(project):
    project.job("a", more=f"extends: {'x' * 70_000}.yaml\n")
    comment = project.run("plan", "-o", "markdown")
    summary = project.run("plan", "-o", "markdown", "--markdown-size", "summary")
    assert (comment.code, summary.code) == (4, 4)
    assert "long texts are cut (1 place)" in comment.out
    assert len(summary.out) > 70_000


def test_no_page_of_an_older_plan_is_left_where_there_is_none(project):
    project.job("a")
    assert project.run("plan", "-ohtml=plan.html").code == 0
    project.job("a", more="</p><script>: 1\n")
    assert project.run("plan", "-ohtml=plan.html").code == 4
    page = (project.folder / "plan.html").read_text()
    assert "dlcapply failed" in page
    assert "Exit code 4" in page
    assert "<script" not in page
    assert "1 to create" not in page
    assert project.run("apply", "-ohtml").out == ""
