"""The state of a project outside its checkout: where nobody can have committed any of it."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

import dlcapply
from tests.clocks import TurningClock
from tests.planting import folder, hard_link, link, pipe

VARIABLE = "DLCAPPLY_STATE_DIR"
COMMANDS = (["plan"], ["apply", "--yes"], ["status"], ["adopt", "a"], ["release", "a"])


@pytest.fixture
def embedded(project):
    project.embed()
    project.job("a")
    return project


@pytest.fixture
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("runner") / "state" / "prod"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def plant_journal(project):
    """A journal in the checkout that says of the job's next run that it was created already."""
    change = json.loads(project.run("plan", "-o", "json").out)["changes"][0]
    where = f"cn-hangzhou/1001 vision/local at http://{project.emulator.endpoint}"
    entry = {"time": "2026-11-22T00:00:00+00:00", "where": where, "by": "x", "event": "outcome", "name": "a"}
    entry |= {"op": change["op"], "result": "created", "job_id": "dlcnosuchrun00001", "request_id": ""}
    project.write(".dlcapply/journal.ndjson", json.dumps(entry) + "\n")


def test_the_state_is_where_the_option_says_and_nowhere_else(embedded, place):
    assert embedded.run("apply", "--yes", "--state-dir", str(place)).code == 0
    assert names(place) == [".gitignore", "emulator.db", "journal.ndjson", "requests.ndjson"]
    assert names(embedded.folder) == ["dlcapply.yaml", "jobs"]
    assert (mode(place), mode(place / "journal.ndjson")) == (0o700, 0o600)
    assert "no changes" in embedded.run("plan", "--state-dir", str(place)).out.lower()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
def test_every_command_that_uses_the_state_takes_the_variable(embedded, place, command):
    assert embedded.run("apply", "--yes", "--state-dir", str(place)).code == 0
    embedded.environ[VARIABLE] = str(place)
    assert embedded.run(*command).code == (64 if command[0] == "adopt" else 0)
    assert ".dlcapply" not in names(embedded.folder)


def test_the_option_goes_before_the_variable_and_an_empty_variable_is_none(embedded, place):
    embedded.environ[VARIABLE] = ""
    assert embedded.run("apply", "--yes").code == 0
    assert "journal.ndjson" in names(embedded.folder / ".dlcapply")
    embedded.environ[VARIABLE] = str(place / "of-the-variable")
    assert embedded.run("apply", "--yes", "--state-dir", str(place / "of-the-option")).code == 0
    assert names(place) == ["of-the-option"]


def test_an_empty_option_is_a_variable_that_is_not_set(embedded):
    printed = embedded.run("apply", "--yes", "--state-dir", "")
    assert (printed.code, ".dlcapply" in names(embedded.folder)) == (64, False)


def test_a_variable_that_can_not_be_printed_is_told(embedded):
    embedded.environ[VARIABLE] = "a\x1b[2Jb"
    printed = embedded.run("apply", "--yes")
    assert printed.code == 64
    assert printed.err.startswith(f"error: ${VARIABLE} has characters that can't be printed")


def test_a_journal_that_was_committed_is_not_read(project, place):
    project.job("a")
    plant_journal(project)
    assert project.run("apply", "--yes").code == 3
    project.environ[VARIABLE] = str(place)
    assert project.run("apply", "--yes").code == 0
    assert project.writes == ["CreateJob"]


def test_the_commands_that_are_offered_keep_to_the_folder(project, place):
    project.job("a")
    where = f"--state-dir {place}"
    assert where in project.run("plan", "--state-dir", str(place)).out
    assert where in project.run("plan", "--state-dir", str(place), "--out", "plan.json").out
    project.environ[VARIABLE] = str(place)
    assert "--state-dir" not in project.run("plan").out


def test_a_saved_plan_is_applied_beside_a_state_of_its_own(project, place):
    project.job("a")
    assert project.run("plan", "--out", "plan.json").code == 0
    assert project.run("apply", "--plan", "plan.json", "--yes", "--state-dir", str(place)).code == 0
    assert "journal.ndjson" in names(place)


@pytest.mark.parametrize("plant", [link, hard_link, pipe, folder])
@pytest.mark.parametrize("name", ["", ".gitignore", "journal.ndjson", "emulator.db-wal", "requests.ndjson"])
def test_what_was_planted_in_the_folder_is_refused(embedded, place, tmp_path_factory, name, plant):
    if not name and plant in {hard_link, folder}:
        return
    outside = tmp_path_factory.mktemp("outside")
    (outside / "keys").write_text("a key\n")
    path = place / name if name else place
    path.parent.mkdir(parents=True)
    plant(path, outside / "keys" if name else outside)
    printed = embedded.run("apply", "--yes", "--state-dir", str(place))
    assert (printed.code, printed.out) == (1, "")
    assert printed.err.startswith(f"error: {path} can't be used: it ")
    assert [(one.name, one.read_text()) for one in outside.iterdir()] == [("keys", "a key\n")]


def test_no_state_goes_through_a_link_that_leads_out_of_the_repository(embedded, tmp_path_factory):
    (embedded.folder / "kept").symlink_to(tmp_path_factory.mktemp("outside"))
    for command in COMMANDS:
        printed = embedded.run(*command, "--state-dir", "kept/state")
        assert (printed.code, printed.out) == (1, "")
        assert "leads out of the repository" in printed.err


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
def test_a_folder_of_other_things_is_left_as_it_is(embedded, command):
    Path("home").mkdir(mode=0o755)
    Path("home/notes").touch()
    printed = embedded.run(*command, "--state-dir", "home")
    assert (printed.code, printed.out) == (1, "")
    assert "home can't hold the state: it holds notes too" in printed.err
    assert (names(Path("home")), mode(Path("home"))) == (["notes"], 0o755)


def test_a_folder_that_a_cache_gave_back_is_private_again(project, place):
    project.job("a")
    assert project.run("apply", "--yes", "--state-dir", str(place)).code == 0
    place.chmod(0o755)
    (place / "journal.ndjson").chmod(0o644)
    (place / ".0123456789abcdef.part").touch()
    project.job("b")
    assert project.run("apply", "--yes", "--state-dir", str(place)).code == 0
    assert (mode(place), mode(place / "journal.ndjson")) == (0o700, 0o600)


def test_the_folder_is_named_from_python_too(embedded, place):
    manifests = dlcapply.load(state_dir=place, environ={VARIABLE: "elsewhere"})
    with dlcapply.connect(manifests, clock=TurningClock(embedded.emulator)) as service:
        dlcapply.apply(manifests, service, consent=lambda _: True)
    assert "journal.ndjson" in names(place)
    with pytest.raises(dlcapply.UsageError, match="state_dir"):
        dlcapply.load(state_dir="")
