"""The action, as a runner uses it: what its step takes, says, installs, and does when it is signalled."""

from __future__ import annotations

import re
import signal
import sys
import time
from datetime import UTC, datetime
from math import inf
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from action import install, run
from dlcapply.cli.main import cli
from dlcapply.emulator import Clock, Emulator, Fault, FaultKind, Lifecycle, Switches
from dlcapply.errors import ExitCode
from tests.runners import commands_in
from tests.workflows.installed import ROOT, lay, place_of
from tests.workflows.rig import PROJECT, job
from tests.workflows.step import Job, outputs_of

HOSTILE = "a\n::error::b\n##[group]c\nexit-code=0\n`` ` ``<b>@all</b>\x1b[31m\u202e$(id)"


@pytest.fixture(scope="session")
def installed(python, tmp_path_factory):
    folder = tmp_path_factory.mktemp("installed")
    return lay(place_of(python, ROOT, folder))


@pytest.fixture
def used(tmp_path, python, installed):
    """A runner's job in which the action was used before."""
    made = Job(tmp_path, python)
    (made.temporary / installed.name).symlink_to(installed)
    return made


@pytest.fixture
def emulator():
    with Emulator(
        clock=Clock.still(datetime.now(UTC)),
        lifecycle=Lifecycle(running=inf),
        switches=Switches(check_references=False),
    ) as emulator:
        yield emulator


@pytest.fixture
def project(used, emulator):
    """The job, with a checkout of two manifests."""
    used.write({"manifests/dlcapply.yaml": PROJECT.format(endpoint=emulator.endpoint)})
    used.write(job("one") | job("two"))
    used.environ["WANDB_API_KEY"] = "a-secret-of-the-environment"
    return used


def wait_for(happened, process):
    """Another process reaches a point; that takes real time, but none is counted on."""
    while not happened():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


def test_a_plan_says_what_it_would_change_and_where_it_is(project):
    done = project.step("plan", "manifests\n-eprod\n")
    assert done.code == 0
    outputs = done.outputs
    assert (outputs["exit-code"], outputs["changes"]) == ("0", "true")
    assert outputs["digest"] in done.log
    assert Path(outputs["summary-file"]).read_text("utf-8") == done.summary
    assert "one" in done.summary
    again = project.step("show", outputs["plan-file"])
    assert (again.code, again.outputs["digest"]) == (0, outputs["digest"])
    assert all(not Path(outputs[name]).is_relative_to(project.checkout) for name in outputs if "file" in name)


def test_a_plan_is_where_the_arguments_say(project):
    done = project.step("plan", "-eprod\n--out\nhere.json", working_directory="manifests")
    assert done.outputs["plan-file"] == str(project.checkout / "manifests/here.json")


def test_an_apply_says_whether_it_did_anything(project, emulator):
    first = project.step("apply", "manifests\n-eprod\n--yes\n")
    assert (first.code, first.outputs["changes"]) == (0, "true")
    assert "one" in first.summary
    assert len(emulator.jobs()) == 2
    second = project.step("apply", "manifests\n-eprod\n--yes\n")
    assert (second.code, second.outputs["changes"]) == (0, "false")
    assert "installing" not in first.log + second.log


def test_what_is_wrong_is_in_the_log_the_summary_and_an_annotation(project):
    project.write({"manifests/jobs/two.yaml": job("two")["manifests/jobs/two.yaml"].replace("Pod", "Pot")})
    done = project.step("validate", "manifests")
    assert (done.code, done.outputs["exit-code"]) == (ExitCode.INVALID, "4")
    assert "PotCount" in done.summary
    assert any(
        line.startswith("::error file=manifests/jobs/two.yaml,line=") for line in done.log.splitlines()
    )


@pytest.mark.parametrize("code", ExitCode)
@pytest.mark.parametrize(
    ("fail_on", "spared"), [("errors", {0, 2, 3}), ("blocked", {0, 2}), ("changes", {0})]
)
def test_each_code_fails_the_step_where_it_is_to(fail_on, spared, code):
    inputs = run.Inputs("apply", (), "", "", fail_on)
    assert run.is_failure(inputs, code, changes=True) is (code not in spared)


def test_changes_fail_the_step_where_they_are_to(project):
    failed = project.step("plan", "manifests\n-eprod", fail_on="changes")
    assert failed.code == ExitCode.PENDING
    assert "::error title=dlcapply plan::something would change (fail-on: changes)" in failed.log.splitlines()


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"command": "plan; id"}, "command: 'plan; id' is not a command"),
        ({"command": "plan", "fail_on": "never"}, "fail-on: 'never' is none of errors, blocked, changes"),
        ({"command": "plan", "expect": "0"}, "expect: only apply takes a digest"),
        ({"command": "plan", "working_directory": "no\nsuch"}, "working-directory: no%0Asuch: No such file"),
    ],
)
def test_an_input_that_can_not_be_is_said(used, inputs, message):
    done = used.step(**inputs)
    assert done.code == ExitCode.USAGE
    assert f"::error title=dlcapply::{message}" in done.log


def test_arguments_are_words_whatever_is_in_them(project):
    folder = "a $(touch planted) `touch planted` '\"; touch planted; * ${{ x }}"
    (project.checkout / "manifests").rename(project.checkout / folder)
    done = project.step("validate", f"\n{folder}\r\n\n-eprod\n")
    assert (done.code, "2 files" in done.log) == (0, True), done.log
    assert not (project.checkout / "planted").exists()


def test_a_digest_is_one_word_whatever_is_in_it(project, emulator):
    done = project.step("apply", "manifests\n-eprod\n--yes", expect="0\n--endpoint=http://127.0.0.1:1")
    assert done.code == ExitCode.USAGE
    assert list(emulator.writes) == []


def test_words_that_a_person_types_are_no_options_whatever_is_in_them(project, emulator):
    assert project.step("apply", "manifests\n-eprod\n--yes").code == 0
    stop = "--file=manifests\n-eprod\n--yes\n--no-wait"
    refused = project.step("stop", stop, words="one\n--all")
    assert (refused.code, "called --all" in refused.log) == (1, True), refused.log
    stopped = project.step("stop", stop, words=" one ")
    assert (stopped.code, "`one`" in stopped.summary) == (0, True), stopped.log
    assert sorted(run["Status"] == "Stopping" for run in emulator.jobs()) == [False, True]


def test_nothing_is_taken_from_the_checkout_or_from_variables_of_python(project):
    planted = "open('planted', 'w').close()\n"
    names = ("dlcapply/__init__.py", "click.py", "json.py", "sitecustomize.py", "usercustomize.py")
    project.write(dict.fromkeys(names, planted))
    for name in ("PYTHONPATH", "PYTHONHOME"):
        project.environ[name] = str(project.checkout)
    project.environ |= {"PYTHONSTARTUP": "click.py", "PYTHONINSPECT": "1", "PYTHONUSERBASE": "."}
    assert project.step("validate", "manifests").code == 0
    assert not (project.checkout / "planted").exists()


def test_the_tokens_of_the_job_are_no_variables_of_a_manifest(project, emulator):
    name = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
    project.environ[name] = "of-the-runner"
    text = job("one")["manifests/jobs/one.yaml"].replace("fromEnv: WANDB_API_KEY", f"fromEnv: {name}")
    project.write({"manifests/jobs/one.yaml": text})
    done = project.step("apply", "manifests\n-eprod\n--yes")
    assert done.code == ExitCode.FAILED
    assert f"not set here: {name}" in done.log
    assert list(emulator.writes) == []


@given(st.dictionaries(st.sampled_from(["digest", "plan-file", "arguments"]), st.text()))
def test_outputs_are_read_back_whatever_is_in_them(tmp_path_factory, outputs):
    file = tmp_path_factory.mktemp("outputs") / "output"
    outputs = {name: value.encode("utf-8", "replace").decode() for name, value in outputs.items()}
    run.write_outputs(str(file), outputs)
    read = outputs_of(file.read_bytes().decode().replace("\r", "\\r") if file.exists() else "")
    assert read == {name: value.replace("\r", "\\r") for name, value in outputs.items()}


def test_a_summary_that_github_would_drop_is_a_line(tmp_path):
    inputs, files, summary = (
        run.Inputs("plan", (), "", "", "errors"),
        run.Files(tmp_path),
        tmp_path / "summary",
    )
    files.of("markdown").write_text("x" * (1 << 20))
    run.write_summary(str(summary), inputs, files, 0)
    assert (
        summary.read_text() == "`dlcapply plan`: exit 0, done, valid, or nothing to do. The log says more.\n"
    )


def test_what_fails_without_a_report_has_one_all_the_same(used):
    done = used.step("schema", "--no-such-option")
    assert done.code == ExitCode.USAGE
    assert Path(done.outputs["summary-file"]).read_text("utf-8") == done.summary
    assert done.summary == "`dlcapply schema`: exit 64, wrong usage. The log says more.\n"


def test_a_report_of_what_was_said_is_fenced_whatever_is_in_it(tmp_path):
    inputs, files = run.Inputs("github consents", (), "", "", "errors"), run.Files(tmp_path)
    files.told.write_text("error: the label '```` <b>@all' is not a consent\n")
    run.write_ending(inputs, files, 64)
    said = "`````\nerror: the label '```` <b>@all' is not a consent\n`````\n"
    assert files.of("markdown").read_text().partition("\n\n")[2] == said


def test_hostile_text_gives_no_commands_outputs_or_annotations(project):
    project.write(job("three", HOSTILE))
    done = project.step("plan", "manifests\n-eprod")
    assert (done.code, done.outputs["exit-code"]) == (0, "0")
    assert commands_in(done.log) == []
    assert "\x1b" not in done.summary + done.log
    assert "\u202e" not in done.summary + done.log


def test_an_interrupt_lets_the_call_in_flight_end_and_says_so(project, emulator):
    emulator.fault(Fault("CreateJob", FaultKind.SLOW, seconds=1))
    process = project.begin("apply", "manifests\n-eprod\n--yes\n--parallelism=1")
    wait_for(emulator.jobs, process)
    process.send_signal(signal.SIGINT)
    done = project.end(process)
    assert (done.code, done.outputs["exit-code"], done.outputs["changes"]) == (130, "130", "true")
    assert len(emulator.jobs()) == 1
    assert "interrupted" in done.log
    assert "two" in done.summary


def test_a_second_signal_leaves_at_once_and_the_journal_says_what_is_unknown(project, emulator):
    """As GitHub cancels: SIGINT, after a while SIGTERM, then the end of everything."""
    emulator.fault(Fault("CreateJob", FaultKind.SLOW, seconds=60))
    state = f"--state-dir={project.temporary / 'state'}"
    process = project.begin("apply", f"manifests\n-eprod\n--yes\n--parallelism=1\n{state}")
    wait_for(emulator.jobs, process)
    process.send_signal(signal.SIGINT)
    said = ""
    while "interrupted" not in said:
        said += process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    done = project.end(process, said)
    assert done.code == 143
    assert "one: nobody knows whether the run was created" in done.log
    told = project.step("status", f"manifests\n-eprod\n--unresolved\n{state}")
    assert (told.code, "one" in told.summary) == (ExitCode.UNKNOWN, True)
    assert project.step("apply", f"manifests\n-eprod\n--yes\n{state}").code == 0
    assert len(emulator.jobs()) == 2


def test_it_installs_what_constraints_name_and_nothing_else_and_only_once(tmp_path, python):
    """From the index, in a job whose first attempt was cancelled in the middle."""
    runner = Job(tmp_path, python)
    runner.environ |= index_variables()
    runner.write({"manifests/jobs/one.yaml": job("one")["manifests/jobs/one.yaml"]})
    process = runner.begin("validate", "manifests/jobs")
    said = process.stdout.readline()
    assert said.startswith("dlcapply: installing from ")
    process.send_signal(signal.SIGTERM)
    done = runner.end(process, said)
    assert (done.code, done.outputs) == (143, {"exit-code": "143"})
    assert "cancelled while dlcapply was being installed" in done.log

    assert runner.step("validate", "manifests/jobs").code == 0
    again = runner.step("validate", "manifests/jobs")
    assert (again.code, "installing" in again.log) == (0, False)
    (place,) = (path for path in runner.temporary.glob("dlcapply-*") if (path / "ready").exists())
    log = (place / "install.log").read_text("utf-8")
    found = {one for line in re.findall("Successfully installed (.*)", log) for one in line.split()}
    pinned = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    normal = {
        re.sub("[-_.]+", "-", f"{name}-{version}").lower()
        for name, _, version in (p.partition("==") for p in pinned)
    }
    strange = {one for one in found if re.sub("[-_.]+", "-", one).lower() not in normal}
    assert {one.rpartition("-")[0] for one in strange} == {"dlcapply"}
    assert any(one.startswith("hatchling-") for one in found)


def index_variables():
    """Where the tests' own pip finds the index."""
    import os

    own = {"SSL_CERT_FILE": os.environ["DLCAPPLY_TESTS_SSL_CERT_FILE"]}
    return {
        name: value
        for name, value in (os.environ | own).items()
        if name.startswith(("PIP_", "HTTP", "http", "SSL")) and value
    }


def test_an_install_that_fails_says_why(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GITHUB_TOKEN", "of-the-job")
    program = """if True:
        import os
        print(os.environ.get("GITHUB_TOKEN"), "::add-mask::x", flush=True)
        raise SystemExit("ERROR: no hatchling")
    """
    with pytest.raises(install.InstallError, match=r"^ERROR: no hatchling$"):
        install.run_in(tmp_path, [sys.executable, "-c", program], ROOT)
    begin, *said, end = capsys.readouterr().out.splitlines()
    assert said == ["None ::add-mask::x", "ERROR: no hatchling"]
    assert begin == f"::stop-commands::{end.strip(':')}"


def test_what_can_not_be_installed_ends_the_step(tmp_path, python):
    done = Job(tmp_path, python, environ={"RUNNER_TEMP": ""}).step("validate")
    assert (done.code, done.outputs) == (1, {"exit-code": "1"})
    (told,) = (line for line in done.log.splitlines() if line.startswith("::error "))
    assert told.startswith(
        "::error title=dlcapply::dlcapply could not be installed: RUNNER_TEMP names no folder"
    )


def test_without_python_it_says_what_is_missing(used, tmp_path):
    empty = tmp_path / "nothing"
    empty.mkdir()
    (empty / "bash").symlink_to("/bin/bash")
    used.environ["PATH"] = str(empty)
    done = used.step("validate")
    assert done.code == 1
    assert "::error title=dlcapply::there is no python3 here: use actions/setup-python" in done.log


@pytest.mark.parametrize(("words", "forms"), run._FORMS.items(), ids=run._FORMS)
def test_it_asks_commands_for_forms_that_they_have(words, forms):
    command = cli
    for word in (word for word in words.split() if not word.startswith("-")):
        command = command.commands[word]
    (told,) = [option.help for option in command.params if option.name == "output"]
    assert [form for form in forms if form not in told] == []
