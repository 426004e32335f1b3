"""What a pull request may have planted where commands write: nothing goes out of the project through it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.planting import folder, hard_link, link, pipe

STATE = (
    ".dlcapply",
    ".dlcapply/.gitignore",
    ".dlcapply/journal.ndjson",
    ".dlcapply/emulator.db",
    ".dlcapply/emulator.db-wal",
    ".dlcapply/requests.ndjson",
)


@pytest.fixture
def outside(tmp_path_factory):
    folder = tmp_path_factory.mktemp("outside")
    (folder / "keys").write_text("a key\n")
    return folder


@pytest.fixture
def embedded(project):
    project.embed()
    project.job("a")
    return project


def in_one_line(printed, code=1):
    """The error, which is one line and a hint."""
    error, *rest = printed.err.splitlines()
    assert (printed.code, printed.out) == (code, "")
    assert error.startswith("error: ")
    assert [line.partition(": ")[0] for line in rest] in ([], ["hint"])
    return error


@pytest.mark.parametrize("command", [["plan"], ["apply", "--yes"], ["status"]], ids=lambda words: words[0])
@pytest.mark.parametrize("plant", [link, hard_link, pipe, folder])
@pytest.mark.parametrize("name", STATE)
def test_the_state_is_in_files_of_its_own(embedded, outside, name, plant, command):
    if name == ".dlcapply" and plant in {hard_link, folder}:
        return
    path = embedded.folder / name
    path.parent.mkdir(exist_ok=True)
    plant(path, outside if name == ".dlcapply" else outside / "keys")
    assert f"{path} can't be used: it " in in_one_line(embedded.run(*command))
    assert [(one.name, one.read_text()) for one in outside.iterdir()] == [("keys", "a key\n")]


def test_a_journal_that_is_a_link_is_not_read_for_the_cloud_either(project, outside):
    project.job("a")
    (project.folder / ".dlcapply").symlink_to(outside)
    for command in (["plan"], ["apply", "--yes"], ["status", "--op", "x"]):
        assert "it is a link" in in_one_line(project.run(*command))
    assert project.writes == []


def test_the_state_is_its_owners_alone(embedded):
    state = embedded.folder / ".dlcapply"
    state.mkdir(mode=0o755)
    (state / "journal.ndjson").touch(mode=0o644)
    assert embedded.run("apply", "--yes").code == 0
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert stat.S_IMODE((state / "journal.ndjson").stat().st_mode) == 0o600


@pytest.mark.parametrize("text", [b"no database", bytes(range(256)) * 20, b""])
def test_a_broken_emulator_is_told_by_its_own_file(embedded, text):
    state = embedded.folder / ".dlcapply"
    state.mkdir()
    (state / "emulator.db").write_bytes(text)
    printed = embedded.run("plan")
    if not text:
        assert printed.code == 0
        return
    assert f"{state / 'emulator.db'} " in in_one_line(printed)
    assert f"hint: remove {state / 'emulator.db'} to start" in printed.err


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"event": "intent"',
        b'{"time": 1, "event": "intent"}',
        b'{"time": "0001-01-01T00:00:00+23:59", "event": "intent", "op": "x"}',
        b'{"time": "2026-11-23T00:00:00Z", "event": [], "op": {}, "result": "created", "job_id": []}',
        b"null",
        b"x" * 1_000_000,
    ],
)
def test_lines_that_are_no_entries_of_the_journal_are_passed_over(project, line):
    project.job("a")
    state = project.folder / ".dlcapply"
    state.mkdir()
    (state / "journal.ndjson").write_bytes(line)
    assert project.run("apply", "--yes").code == 0
    assert project.run("status", "--op", "x").code == 1
    assert project.writes == ["CreateJob"]


def test_a_project_behind_a_link_out_of_the_repository_keeps_no_state(embedded, outside):
    (outside / "jobs").mkdir()
    for name in ("dlcapply.yaml", "jobs/a.yaml"):
        (outside / name).write_text((embedded.folder / name).read_text())
    (embedded.folder / "sub").symlink_to(outside)
    for command in (["plan"], ["apply", "--yes"]):
        assert "leads out of the repository" in in_one_line(embedded.run(*command, "sub"))
    assert sorted(one.name for one in outside.iterdir()) == ["dlcapply.yaml", "jobs", "keys"]


@pytest.mark.parametrize("option", ["--state", "--log"])
@pytest.mark.parametrize("name", ["pipe", "planted", "planted/x", "/dev/full", "loop"])
def test_the_emulator_keeps_files_only(project, outside, option, name):
    os.mkfifo("pipe")
    Path("loop").symlink_to("loop")
    Path("planted").symlink_to(outside / "new" if name == "planted" else outside)
    error = in_one_line(project.run("emulator", "--port", "0", option, name))
    assert error.startswith(f"error: {name} can't be used: ")
    assert [one.name for one in outside.iterdir()] == ["keys"]


def test_a_claim_is_not_written_through_a_link(project, outside):
    project.job("a")
    project.emulator.seed({"DisplayName": "a", "Status": "Running"})
    (project.folder / "dlcapply.claims.yaml").symlink_to(outside / "keys")
    printed = project.run("adopt", "a")
    assert printed.code == 4
    assert "outside-project" in printed.err
    assert "a key" not in printed.err
    assert (outside / "keys").read_text() == "a key\n"


@pytest.mark.parametrize("target", ["keys", "new"])
@pytest.mark.parametrize("args", [["plan", "--out"], ["plan", "-o", "json="], ["validate", "-o", "sarif="]])
def test_no_report_and_no_plan_goes_through_a_link_out_of_the_repository(project, outside, args, target):
    project.job("a")
    (project.folder / "out").symlink_to(outside)
    (project.folder / "report").symlink_to(outside / target)
    for file in ("report", f"out/{target}"):
        words = [*args[:-1], args[-1] + file] if args[-1].endswith("=") else [*args, file]
        printed = project.run(*words)
        assert printed.code == 1
        assert "leads out of the repository" in printed.err
    assert [(one.name, one.read_text()) for one in outside.iterdir()] == [("keys", "a key\n")]


def test_a_file_elsewhere_may_be_named(project, outside):
    project.job("a")
    (outside / "mine").symlink_to("reports")
    (outside / "reports").mkdir()
    assert project.run("plan", "--out", str(outside / "mine" / "plan.json")).code == 0
    assert project.run("show", str(outside / "reports" / "plan.json")).code == 0


@pytest.mark.parametrize("name", ["pipe", "loop", "folder", "/dev/zero", "no\0name", "x" * 300])
@pytest.mark.parametrize("args", [["show"], ["apply", "--yes", "--plan"], ["validate", "--var-file"]])
def test_what_is_not_a_file_is_one_line(project, args, name):
    project.job("a")
    os.mkfifo("pipe")
    Path("loop").symlink_to("loop")
    Path("folder").mkdir()
    printed = project.run(*args, name)
    assert printed.code in {1, 4, 64}
    assert len([line for line in printed.err.splitlines() if line.lower().startswith("error: ")]) <= 1
    assert "Traceback" not in printed.out + printed.err


def test_a_working_folder_that_is_gone_is_told(project, tmp_path_factory, monkeypatch):
    gone = tmp_path_factory.mktemp("gone")
    monkeypatch.chdir(gone)
    gone.rmdir()
    for command in (["validate"], ["plan"], ["apply", "--yes"], ["status"], ["render"], ["adopt", "a"]):
        for path in ([], [str(project.folder)]):
            printed = project.run(*command, *path)
            assert in_one_line(printed) == "error: the working folder is gone", command


def test_no_line_of_a_file_is_shown_that_a_link_leads_out_to(project, outside):
    project.job("a")
    (outside / "keys").write_text("apiVersion: of-theirs\n")
    (project.folder / "jobs" / "b.yaml").symlink_to(outside / "keys")
    printed = project.run("validate")
    assert (printed.code, "outside-project" in printed.out, "of-theirs" in printed.out) == (4, True, False)
