from __future__ import annotations

import json
from io import BytesIO, TextIOWrapper
from xml.etree.ElementTree import fromstring

import pytest

from dlcapply.cli.source_lines import MOST_JUDGED

LIMIT = "  JobMaxRunningTimeMinutes: 60\n"  # without it, there is a warning


@pytest.fixture
def broken(project):
    """A project of one valid and one broken manifest."""
    project.job("good")
    project.job("bad", "PodCount: 1", "PodCount: many")
    return project


def test_text_shows_the_line_below_the_place(broken):
    printed = broken.run("validate")
    assert printed.code == 4
    at = printed.out.splitlines()
    assert at[0].startswith("jobs/bad.yaml:11:17  error  wrong-type  ")
    assert at[1:3] == ["    11 |       PodCount: many", "       |                 ^"]
    assert at[-1] == "1 error in 1 file"


@pytest.mark.parametrize("command", [["plan"], ["apply", "--yes"]])
def test_every_command_shows_the_line_of_a_finding(broken, command):
    printed = broken.run(*command)
    assert (printed.code, printed.out) == (4, "")
    assert "    11 |       PodCount: many\n       |                 ^\n" in printed.err


def test_no_line_that_may_hold_a_secret_is_shown(project):
    project.job("a", 'Envs: {LR: "1e-4"}', "Envs: {API_TOKEN: 1234567, LR: 3}")
    printed = project.run("validate")
    assert printed.out.count("wrong-type") == 2
    assert "1234567" not in printed.out


def test_lines_are_shown_up_to_a_number_of_characters(project):
    comment = "# " + (MOST_JUDGED // 2) * "x" + "\n"
    for name in "abcd":
        project.job(name, "PodCount: 1", f"PodCount: many\n{comment}")
    printed = project.run("validate")
    assert printed.out.count("wrong-type") == 4
    assert printed.out.count("PodCount: many\n") == 2


def test_no_line_of_a_file_of_variables_is_shown(project):
    project.job("a")
    project.write("values.yaml", "lr: hunter2\n")
    printed = project.run("validate", "--var-file", "values.yaml")
    assert "values.yaml:1:1" in printed.out
    assert "hunter2" not in printed.out


def typed(monkeypatch, data):
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(data), encoding="ascii"))


def test_stdin_is_told_without_lines(project, monkeypatch):
    text = "apiVersion: dlcapply/v1\nkind: Job\nmetadata: {name: a}\nspec: [1]\n"
    typed(monkeypatch, text.encode())
    printed = project.run("validate", "-")
    assert (printed.code, "<stdin>:4:" in printed.out, " | " in printed.out) == (4, True, False)
    typed(monkeypatch, text.encode())
    assert "::error file=<stdin>,line=4," in project.run("validate", "-", "-o", "github").out


def test_a_file_that_cannot_be_read_is_told_without_a_line(project):
    project.job("a")
    project.write("jobs/huge.yaml", "apiVersion: dlcapply/v1\n" + "# remark\n" * 200_000)
    (project.folder / "jobs/gone.yaml").symlink_to("nowhere.yaml")
    printed = project.run("validate")
    assert "jobs/huge.yaml:1:1  error  yaml-size" in printed.out
    assert "jobs/gone.yaml:1:1  error  unreadable-file" in printed.out
    assert " | " not in printed.out


def test_a_warning_fails_the_command_only_where_told(project):
    project.job("a", LIMIT)
    assert project.run("validate").out.endswith("1 file, 1 document: valid, with 1 warning\n")
    failed = project.run("validate", "--fail-on", "warning")
    assert (failed.code, failed.out.splitlines()[-1]) == (4, "1 warning in 1 file")
    assert fromstring(project.run("validate", "-o", "junit").out).get("failures") == "0"  # noqa: S314  # ours
    strict = project.run("validate", "-o", "junit", "--fail-on", "warning").out
    assert fromstring(strict).get("failures") == "1"  # noqa: S314  # ours


def test_quiet_prints_findings_and_nothing_else(project):
    project.job("a", LIMIT)
    rows = project.run("validate", "-q").out.splitlines()
    assert rows[0].startswith("jobs/a.yaml:4:1  warning  no-maximum-running-time")
    assert rows[-1].startswith("    hint: ")


def test_one_run_writes_every_form(broken):
    outputs = [f"-o{form}={form}" for form in ("text", "json", "github", "sarif", "junit")]
    printed = broken.run("validate", *outputs)
    assert printed.code == 4

    def written(form):
        return (broken.folder / form).read_text("utf-8")

    assert written("text") == printed.out
    assert json.loads(written("json"))["findings"][0]["line"] == 11
    assert written("github").startswith("::error file=jobs/bad.yaml,line=11,col=17,title=wrong-type::")
    (result,) = json.loads(written("sarif"))["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("wrong-type", "error")
    suites = fromstring(written("junit"))  # noqa: S314  # ours
    assert [suite.get("name") for suite in suites] == ["jobs/bad.yaml", "jobs/good.yaml"]


def test_ci_forms_name_files_from_the_root_of_the_repository(broken, monkeypatch, tmp_path_factory):
    (broken.folder / ".git").mkdir()
    monkeypatch.chdir(broken.folder / "jobs")
    github = broken.run("validate", "-o", "github").out
    assert github.startswith("::error file=jobs/bad.yaml,")
    (result,) = json.loads(broken.run("validate", "-o", "sarif").out)["runs"][0]["results"]
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": "jobs/bad.yaml", "uriBaseId": "%SRCROOT%"}
    assert "bad.yaml:11:17" in broken.run("validate").out
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    elsewhere = broken.run("validate", str(broken.folder), "-o", "github").out
    assert elsewhere.startswith(f"::error file={broken.folder}/jobs/bad.yaml,")


def test_a_project_file_that_is_wrong_is_reported_in_the_asked_form(project):
    project.job("a")
    project.configure(", regoin: x")
    printed = project.run("validate", "-o", "github", "-o", "json=report.json")
    assert printed.code == 4
    assert printed.out.startswith("::error file=dlcapply.yaml,line=6,")
    report = json.loads((project.folder / "report.json").read_text("utf-8"))
    assert report["summary"] == {"files": 1, "documents": 1, "errors": 1, "warnings": 0, "waived": 0}


def test_what_is_waived_is_counted_and_suppressed(project):
    waiver = "waivers: [{rule: no-maximum-running-time, reason: it is only a test}]\n"
    project.job("a", LIMIT, more=waiver)
    printed = project.run("validate", "-o", "text", "-o", "sarif=log")
    assert printed.out == "1 file, 1 document: valid, 1 finding waived\n"
    (result,) = json.loads((project.folder / "log").read_text("utf-8"))["runs"][0]["results"]
    assert result["suppressions"] == [{"kind": "inSource"}]
    assert json.loads(project.run("validate", "-o", "json").out)["summary"]["waived"] == 1


@pytest.mark.parametrize(
    ("outputs", "words"),
    [
        (["yaml"], "one of: text, json, github, sarif, junit, markdown"),
        (["sarif="], "-o sarif=FILE"),
        (["sarif", "junit"], "-o junit=FILE"),
        (["sarif=same", "junit=same"], "two outputs in one file"),
    ],
)
def test_outputs_that_cannot_be_are_wrong_usage(broken, outputs, words):
    printed = broken.run("validate", *(f"-o{output}" for output in outputs))
    assert (printed.code, printed.out) == (64, "")
    assert words in printed.err


@pytest.mark.parametrize("form", ["sarif", "junit"])
def test_what_only_validate_reports_is_wrong_usage_elsewhere(project, form):
    project.job("a")
    for command in ("plan", "apply", "status"):
        printed = project.run(command, "-o", form)
        assert (printed.code, "one of: text, json" in printed.err) == (64, True)
