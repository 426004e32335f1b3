"""What an apply that was cut short leaves open, told from its journal alone."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from dlcapply.cli.main import main
from dlcapply.cli.shell import Shell
from dlcapply.emulator import Fault, FaultKind
from dlcapply.manifest.schema.shipped import schema_texts
from tests.cli.started import Started
from tests.clocks import TurningClock
from tests.rendering.markdown.hostile import FRAGMENTS
from tests.rendering.markdown.judge import judged

WHERE = "cn-hangzhou/1001 vision/local at http://127.0.0.1:1"
INTENT = {"time": "2026-11-22T23:00:00+00:00", "where": WHERE, "by": "x", "event": "intent", "op": "0" * 32}
INTENT |= {"name": "train", "call": "CreateJob", "work": ""}
FORMS = ("text", "json", "markdown")


@pytest.fixture
def journal(tmp_path_factory):
    return tmp_path_factory.mktemp("state") / "state" / "journal.ndjson"


@pytest.fixture
def unresolved(project, journal):
    """`unresolved(…)` asks in a folder without a project, for a journal outside of it."""

    def ask(*words):
        (project.folder / "dlcapply.yaml").unlink(missing_ok=True)
        known = len(project.emulator.requests)
        printed = project.run("status", "--unresolved", "--state-dir", str(journal.parent), *words)
        assert len(project.emulator.requests) == known
        return printed

    return ask


def write(journal, *entries, before="", after=""):
    journal.parent.mkdir(exist_ok=True)
    lines = "".join(f"\n{json.dumps({**INTENT, **entry})}\n" for entry in entries)
    journal.write_bytes(before.encode() + lines.encode() + after.encode())


def test_an_unknown_create_is_told_until_the_next_apply_knows(project):
    project.job("a")
    project.configure(", limits: {creates: 9}")
    project.emulator.fault(Fault("CreateJob", FaultKind.LOST))
    assert project.run("apply", "--yes").code == 8
    for _ in range(2):
        printed = project.run("status", "--unresolved", "-o", "json")
        (operation,) = json.loads(printed.out)["operations"]
        assert (printed.code, operation["name"], operation["call"]) == (8, "a", "CreateJob")
    told = project.run(*operation["command"].split()[1:])
    assert (told.code, "no listing shows a run of a" in told.err) == (1, True)
    assert project.run("apply", "--yes").code == 0
    assert project.run("status", "--unresolved").code == 0


def test_each_form_says_what_is_open_where_since_when_and_how_to_resolve_it(unresolved, journal):
    write(journal, {"from": "abc alice"})
    command = f"dlcapply status -e local --state-dir {journal.parent} --op {'0' * 32}"
    for form in FORMS:
        printed = unresolved("-o", form)
        assert printed.code == 8
        for part in ("train", "CreateJob", WHERE, command):
            assert part in printed.out
        assert "2026-11-22" in printed.out
    document = json.loads(unresolved("-o", "json").out)
    Draft202012Validator(json.loads(schema_texts()["unresolved"])).validate(document)
    assert document["operations"][0]["from"] == "abc alice"


def test_nothing_open_is_exit_0(unresolved, journal):
    write(journal, {}, {"event": "outcome", "result": "created", "job_id": "dlc1"})
    for form in FORMS:
        assert unresolved("-o", form).code == 0
    assert unresolved().out == f"{journal} holds no operation without an outcome.\n"


def test_that_there_is_no_journal_is_said_and_is_no_failure(unresolved, journal):
    for form in FORMS:
        printed = unresolved("-o", form)
        assert printed.code == 0
    assert json.loads(unresolved("-o", "json").out)["exists"] is False
    assert unresolved().out.startswith(f"There is no journal at {journal}, ")
    assert not journal.parent.exists()


def test_a_project_that_can_not_be_read_hides_nothing(project):
    project.job("a")
    project.emulator.fault(Fault("CreateJob", FaultKind.LOST))
    assert project.run("apply", "--yes").code == 8
    project.write("dlcapply.yaml", "metadata: [")
    assert project.run("plan").code == 4
    assert project.run("status", "--unresolved").code == 8
    assert project.run("status", "--unresolved", "jobs").code == 8


@pytest.mark.parametrize("environment", ["prod", "local"])
def test_an_environment_hides_those_of_others_and_counts_them(unresolved, journal, environment):
    both = enumerate(["prod", "local"])
    entries = [{"op": str(number) * 32, "where": WHERE.replace("local", name)} for number, name in both]
    write(journal, *entries, {"op": "f" * 32, "where": "who knows"})
    document = json.loads(unresolved("-e", environment, "-o", "json").out)
    assert [one["where"].partition(" at ")[0].rpartition("/")[2] for one in document["operations"]] == [
        environment,
        "who knows",
    ]
    assert document["elsewhere"] == 1
    assert "1 operation of other environments" in unresolved("-e", environment).out
    assert len(json.loads(unresolved("-o", "json").out)["operations"]) == 3


@pytest.mark.parametrize(
    "settling", [("status",), ("stop", "long", "--yes", "--dry-run"), ("cleanup", "--delete", "--yes")]
)
def test_what_was_cut_short_is_open_until_its_run_is_seen_to_have_ended(project, settling):
    project.job("long")
    project.job("train")
    assert project.run("apply", "--yes").code == 0
    ids = {job["DisplayName"]: job["JobId"] for job in project.emulator.jobs()}
    calls = {
        ids["train"]: "StopJob",
        ids["long"]: "CreateSignal",
        "dlc0000000gone": "DeleteJob",
        "../x": "StopJob",
    }
    where = WHERE.replace("http://127.0.0.1:1", f"http://{project.emulator.endpoint.removeprefix('http://')}")
    entries = ({**INTENT, "where": where, "call": call, "op": op, "name": op} for op, call in calls.items())
    with (project.folder / ".dlcapply/journal.ndjson").open("a") as file:
        file.writelines(f"{json.dumps(entry)}\n" for entry in entries)

    def still_open():
        operations = json.loads(project.run("status", "--unresolved", "-o", "json").out)["operations"]
        return {one["op"] for one in operations}

    assert still_open() == set(calls)
    assert project.run(*settling).code == 0
    assert still_open() == set(calls) - {"dlc0000000gone"}
    project.emulator.change(ids["train"], Status="Stopped")
    assert project.run(*settling).code == 0
    assert still_open() == {ids["long"], "../x"}
    assert project.writes == ["CreateJob", "CreateJob"]


def test_a_deletion_of_which_nobody_knows_is_made_again_by_the_next_cleanup(project):
    for token in ("1", "2"):
        project.job("short", more=f'run: {{token: "{token}"}}\n')
        project.run("apply", "--yes")
        project.emulator.turn(600)
    clean = ("cleanup", "--delete", "--yes")
    project.emulator.fault(Fault("DeleteJob", FaultKind.LOST))
    assert [project.run(*words).code for words in (clean, ("status", "--unresolved"))] == [1, 8]
    assert [project.run(*words).code for words in (clean, ("status", "--unresolved"))] == [0, 0]
    assert project.writes == ["CreateJob", "CreateJob", "DeleteJob", "DeleteJob"]


@pytest.mark.parametrize(
    ("entry", "command"),
    [
        ({"call": "StopJob", "op": "dlc12345678"}, "dlcapply status dlc12345678 -e local"),
        ({"call": "UpdateJob", "op": "dlc1"}, "dlcapply plan -e local"),
        ({"identity": "name"}, "dlcapply status train -e local"),
        ({"identity": "name", "name": "-x"}, "dlcapply status -e local -- -x"),
        (
            {"where": WHERE.replace("vision/local", "mia")},
            f"dlcapply status --region cn-hangzhou --workspace 1001 --owner mia --op {'0' * 32}",
        ),
        ({"op": "x; rm -rf /"}, ""),
        ({"where": "$(id)"}, ""),
    ],
)
def test_the_command_is_the_one_that_tells(unresolved, journal, entry, command):
    write(journal, entry)
    (operation,) = json.loads(unresolved("-o", "json").out)["operations"]
    assert operation["command"].replace(f" --state-dir {journal.parent}", "") == command


def test_a_torn_last_line_and_lines_that_are_none_are_passed_over(unresolved, journal):
    torn = json.dumps({**INTENT, "op": "1" * 32})[:-9]
    write(journal, {}, before="\xff\0nonsense\n[]\n{}\n", after=torn)
    assert [one["op"] for one in json.loads(unresolved("-o", "json").out)["operations"]] == ["0" * 32]


def test_a_state_folder_that_can_only_be_read_is_read(unresolved, journal):
    write(journal, {})
    journal.chmod(0o400)
    journal.parent.chmod(0o500)
    assert unresolved().code == 8
    assert [path.name for path in journal.parent.iterdir()] == ["journal.ndjson"]


def test_a_journal_that_is_a_link_or_too_large_is_one_line(unresolved, journal):
    journal.parent.mkdir()
    journal.symlink_to("/etc/passwd")
    assert "it is a link" in unresolved().err
    journal.unlink()
    with journal.open("wb") as file:
        file.truncate((64 << 20) + 2)
    printed = unresolved()
    assert (printed.code, "it is larger than any journal" in printed.err) == (1, True)


def test_a_hostile_journal_is_shown_as_text_and_cut(unresolved, journal):
    hostile = [{"op": text, "name": text, "call": text, "where": text, "from": text} for text in FRAGMENTS]
    huge = {"op": "o" * 5000, "name": "n" * 5000 + "\n::error::x", "where": "\x1b[2J" * 5000}
    for entries in (hostile, [huge] * 3, [{"op": str(n), "name": "`|" * 300} for n in range(3000)]):
        write(journal, *entries)
        document = unresolved("-o", "markdown")
        assert (document.code, len(document.out) < 64_000) == (8, True)
        judged(document.out)
        text = unresolved().out
        assert all(row.isprintable() for row in text.split("\n"))
        assert not any(row.startswith("::") for row in text.split("\n"))
        assert all(one["command"] == "" for one in json.loads(unresolved("-o", "json").out)["operations"])


def test_what_is_left_out_of_a_long_list_is_said(unresolved, journal):
    write(journal, *({"op": f"{number:032x}"} for number in range(25)))
    for form in ("text", "markdown"):
        assert "5 older ones left out" in unresolved("-o", form).out
    assert len(json.loads(unresolved("-o", "json").out)["operations"]) == 25


@pytest.mark.parametrize("words", [["--op", "x"], ["train"], ["-o", "junit"]])
def test_what_it_can_not_answer_is_wrong_usage(unresolved, words):
    assert unresolved(*words).code == 64


def test_after_a_kill_in_the_middle_of_a_create_the_journal_tells_of_it(project, journal):
    project.job("a")
    project.emulator.fault(Fault("CreateJob", FaultKind.SLOW, seconds=60))
    with Started("apply", "--yes", "--state-dir", str(journal.parent), stdout=None, stderr=None) as process:
        while not project.emulator.jobs():
            assert process.poll() is None
        process.kill()
    asked = ["status", "--unresolved", "--state-dir", str(journal.parent)]
    assert main(asked, shell=Shell({}, TurningClock(project.emulator))) == 8
