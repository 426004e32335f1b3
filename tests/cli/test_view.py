"""A laptop and a CI system apply one repository as two identities: nothing is paid for twice unasked."""

import json
import shutil

import pytest

from dlcapply.emulator import KEY_ID, SECRET, Fault, FaultKind, Switches, User

LAPTOP, CI, BOSS = "1000000000000011", "1000000000000012", "1000000000000013"
DENIED = 5


def act_as(project, user_id):
    """Whoever holds the key from now on; only BOSS is an administrator."""
    user = User(SECRET, user_id, administrator=user_id == BOSS)
    project.emulator.configure(users={KEY_ID: user})


def refuse_to_tell(project):
    fault = Fault("ListPermissions", FaultKind.ERROR, times=None, status=403, code="NoPermission")
    project.emulator.fault(fault)


@pytest.fixture
def applied(project):
    """What a laptop has started, on the word that nobody else applies."""
    for name in ("a", "b"):
        project.job(name)
    project.configure(", view: own")
    act_as(project, LAPTOP)
    assert project.run("apply", "--yes").code == 0
    assert project.writes == ["CreateJob", "CreateJob"]
    project.configure()
    shutil.rmtree(".dlcapply")  # another machine has no journal of it
    return project


def test_a_second_identity_starts_nothing_again_without_a_word(applied):
    act_as(applied, CI)
    printed = applied.run("apply", "--yes")
    assert (printed.code, len(applied.writes)) == (DENIED, 2)
    assert "unseen-jobs: a, b would start" in printed.err
    planned = applied.run("plan")
    assert (planned.code, planned.out.index("Others' PRIVATE jobs")) < (1, planned.out.index("create"))


def test_what_was_not_started_is_in_the_report(applied):
    act_as(applied, CI)
    document = json.loads(applied.run("apply", "--yes", "-o", "json").out)
    assert {outcome["result"] for outcome in document["outcomes"]} == {"not-done"}
    assert document["exit_code"] == DENIED


def test_an_administrator_sees_what_there_is_and_needs_no_word(applied):
    act_as(applied, BOSS)
    printed = applied.run("apply", "--yes")
    assert (printed.code, "unchanged" in printed.out, len(applied.writes)) == (0, True, 2)
    assert "PRIVATE" not in printed.out


def test_a_word_that_the_rules_contradict_is_denied(applied):
    act_as(applied, CI)
    applied.configure(", view: all")
    printed = applied.run("apply", "--yes")
    assert (printed.code, len(applied.writes)) == (DENIED, 2)
    assert "PAI's rules say otherwise" in printed.err


@pytest.mark.parametrize(("word", "code"), [("", DENIED), (", view: all", 0), (", view: own", 0)])
def test_where_nobody_can_tell_a_persons_word_stands(project, word, code):
    project.job("a")
    project.configure(word)
    refuse_to_tell(project)
    printed = project.run("apply", "--yes")
    assert (printed.code, len(project.writes)) == (code, 0 if code else 1)
    assert "paiworkspace:ListPermissions" in printed.out
    assert "Others' PRIVATE jobs may not be seen" in printed.out


def test_no_preflight_leaves_it_out_as_little_as_the_listing(applied):
    act_as(applied, CI)
    asked = len(applied.emulator.requests)
    assert applied.run("apply", "--yes", "--no-preflight").code == DENIED
    operations = [entry.operation for entry in applied.emulator.requests[asked:]]
    assert (operations.count("ListPermissions"), "ListEcsSpecs" in operations) == (1, False)


def test_two_identities_share_what_is_public(project):
    project.job("a", "  JobType", "  Accessibility: PUBLIC\n  JobType")
    act_as(project, LAPTOP)
    assert project.run("apply", "--yes").code == 0
    act_as(project, CI)
    printed = project.run("apply", "--yes")
    assert (printed.code, project.writes, "PRIVATE" in printed.out) == (0, ["CreateJob"], False)


def test_updates_and_stops_need_no_word(applied):
    act_as(applied, LAPTOP)
    applied.job("a", more="run: {state: stopped}\n")
    assert applied.run("apply", "--yes").code == 0
    assert applied.writes[2:] == ["StopJob"]


def test_by_name_alone_the_same_holds(project):
    project.job("a")
    text = (project.folder / "dlcapply.yaml").read_text()
    project.write("dlcapply.yaml", f"{text}identity: name\n")
    act_as(project, CI)
    assert (project.run("apply", "--yes").code, project.writes) == (DENIED, [])


@pytest.fixture
def bare(project):
    """Options in place of a project file."""
    project.job("a")
    (project.folder / "dlcapply.yaml").unlink()
    where = ("--region", "cn-hangzhou", "--workspace", "1001", "--owner", "mia")
    endpoint = f"http://{project.emulator.endpoint}"
    return lambda command, *words: project.run(command, "jobs", *where, "--endpoint", endpoint, *words)


def test_without_a_project_an_option_is_the_word(project, bare):
    act_as(project, CI)
    assert (bare("apply", "--yes").code, project.writes) == (DENIED, [])
    planned = bare("plan", "--view", "own")
    assert "--view own" in planned.out.splitlines()[-1]
    assert (bare("apply", "--yes", "--view", "all").code, project.writes) == (DENIED, [])
    assert (bare("apply", "--yes", "--view", "own").code, project.writes) == (0, ["CreateJob"])


def test_a_saved_plan_keeps_the_word_that_it_was_made_with(project, bare):
    act_as(project, CI)
    assert bare("plan", "--view", "own", "--out", "plan.json").code == 0
    assert project.run("apply", "--plan", "plan.json", "--yes").code == 0
    assert project.writes == ["CreateJob"]


def test_a_plan_that_will_approve_no_start_says_so_when_it_is_saved_and_when_it_is_used(project):
    project.job("a")
    project.configure(", view: own")
    act_as(project, CI)
    saved = project.run("plan", "--out", "plan.json")
    assert "plan.json approves no start of a PRIVATE job (apply --approved)" in saved.err
    printed = project.run("apply", "--approved", "plan.json", "--yes")
    assert (printed.code, project.writes) == (3, [])
    assert "held back: the approved plan is of an identity that may not see everybody's" in printed.out
    project.job("a", "  JobType", "  Accessibility: PUBLIC\n  JobType")
    assert project.run("plan", "--out", "plan.json").err == ""
    assert project.run("apply", "--approved", "plan.json", "--yes").code == 0
    assert project.writes == ["CreateJob"]


def test_a_persons_word_makes_a_plan_approve_where_nobody_can_tell(project):
    project.job("a")
    project.configure(", view: all")
    refuse_to_tell(project)
    assert project.run("plan", "--out", "plan.json").err == ""
    assert project.run("apply", "--approved", "plan.json", "--yes").code == 0
    assert project.writes == ["CreateJob"]


@pytest.mark.parametrize(("declared", "words"), [("", "view: own into"), (", view: all", "contradicts")])
def test_beside_a_project_the_word_stands_in_its_file(project, declared, words):
    project.job("a")
    project.configure(declared)
    printed = project.run("apply", "--yes", "--view", "own")
    assert (printed.code, words in printed.err, project.writes) == (64, True, [])


def test_the_document_says_what_was_seen_and_what_is_private(project):
    project.job("closed")
    project.job("open", "  JobType", "  Accessibility: PUBLIC\n  JobType")
    project.configure(", view: own")
    act_as(project, CI)
    document = json.loads(project.run("plan", "-o", "json").out)
    assert (document["census"]["sees"], document["environment"]["view"]) == ("own", "own")
    assert [change["private"] for change in document["changes"]] == [True, False]
    assert document["findings"][0]["rule"] == "unseen-jobs"


def test_roles_that_add_up_leave_it_open(project):
    project.job("a")
    project.emulator.configure(switches=Switches(check_references=False, administrator_rules="added"))
    assert (project.run("apply", "--yes").code, project.writes) == (DENIED, [])
    project.configure(", view: all")
    assert (project.run("apply", "--yes").code, project.writes) == (0, ["CreateJob"])


@pytest.mark.parametrize("words", [["--all"], ["--select", "a"], ["a"]])
def test_a_stop_says_that_it_may_not_see_what_goes_on(applied, words):
    for user, is_told in ((CI, True), (BOSS, False)):
        act_as(applied, user)
        printed = applied.run("stop", *words, "--dry-run")
        assert ("PRIVATE runs that others started are not seen here, and may go on" in printed.out) is is_told
