"""metrics, sanity, queue and open: documents, and TensorBoards of which there are never two."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from dlcapply.emulator import Fault, FaultKind, Lifecycle
from dlcapply.errors import ExitCode
from dlcapply.manifest.schema.shipped import schema_texts
from tests.emulator.conftest import COLLEAGUE, Caller
from tests.rendering.test_json_documents import assert_ordered, closed

ON_QUOTA = ("EcsSpec: ecs.gn7i-c8g1.2xlarge", 'ResourceConfig: {CPU: "8", GPU: "32", Memory: 64Gi}')
START = ("open", "train", "--tensorboard", "start", "--yes", "--summary-path", "/mnt/logs")
CREATES = "CreateTensorboard"


def placed(project, name):
    """A manifest of a job that takes the whole of a quota."""
    project.job(name, *ON_QUOTA)
    path = project.folder / f"jobs/{name}.yaml"
    path.write_text(path.read_text().replace("spec:\n", "spec:\n  ResourceId: quota1a2b3c4d5e6\n"))


@pytest.fixture
def running(project):
    project.job("train", "  UserCommand", "  Settings: {EnableSanityCheck: true}\n  UserCommand")
    assert project.run("apply", "--yes").code == ExitCode.OK
    project.emulator.turn(600)
    return project


def test_documents_are_as_their_schemas_say(running):
    for name in ("waits", "waits-too"):
        placed(running, name)
    assert running.run("apply", "--yes").code == ExitCode.OK
    running.emulator.turn(60)
    for command in (
        ("metrics", "train"),
        ("sanity", "train"),
        ("queue",),
        START,
        ("open", "train", "--terminal"),
    ):
        printed = running.run(*command, "-o", "json")
        assert printed.code == ExitCode.OK, printed.err
        document, schema = json.loads(printed.out), json.loads(schema_texts()[command[0]])
        Draft202012Validator(closed(schema)).validate(document)
        schema["required"] = list(document) if command[0] == "open" else schema["required"]
        schema["properties"] = {key: schema["properties"][key] for key in document}
        assert_ordered(document, schema, schema["$defs"])


def test_a_tensorboard_whose_answer_was_lost_is_found(running):
    running.emulator.fault(Fault(CREATES, FaultKind.LOST, effect=True))
    printed = running.run(*START)

    assert (printed.code, running.writes.count(CREATES)) == (ExitCode.OK, 1)
    assert "TensorBoard created" in printed.out
    again = running.run(*START)
    assert ("left as it is" in again.out, running.writes.count(CREATES)) == (True, 1)


def test_one_that_may_have_been_made_is_told_of_and_not_made_again(running):
    running.emulator.fault(Fault(CREATES, FaultKind.LOST))
    printed = running.run(*START)

    assert (printed.code, running.writes.count(CREATES)) == (ExitCode.FAILED, 1)
    assert "whether it was made is not known" in printed.err


@pytest.mark.parametrize("kind", [FaultKind.EMPTY, FaultKind.ERROR])
def test_none_is_made_where_those_that_are_there_can_t_be_listed(running, kind):
    running.emulator.fault(Fault("ListTensorboards", kind, times=None))
    printed = running.run(*START)

    assert (printed.code, running.writes.count(CREATES)) == (ExitCode.FAILED, 0)
    assert "ListTensorboards" in printed.err


def test_others_of_the_run_count_and_who_else_runs_is_told(running):
    (run,) = running.emulator.jobs()
    running.emulator.change(run["JobId"], Accessibility="PUBLIC")
    colleague = Caller(running.emulator, COLLEAGUE)
    colleague(
        "POST", "/tensorboards", {"JobId": run["JobId"], "SummaryPath": "/theirs", "WorkspaceId": "1001"}
    )
    running.emulator.turn(60)
    first = running.run("open", "train", "--tensorboard", "start", "--yes")
    assert ("left as it is" in first.out, "/theirs" in first.out, running.writes.count(CREATES)) == (
        True,
        True,
        1,
    )
    assert "runs already, and shows /theirs" in running.run(*START).err
    assert "TensorBoard stopped" in running.run("open", "train", "--tensorboard", "stop", "--yes").out
    assert "TensorBoard created" in running.run(*START).out


def test_how_long_one_goes_on_that_somebody_else_made_is_told(running):
    (run,) = running.emulator.jobs()
    maker = Caller(running.emulator)
    body = {"JobId": run["JobId"], "SummaryPath": "/mnt/logs", "WorkspaceId": "1001"}
    board = maker("POST", "/tensorboards", body)["TensorboardId"]
    told = running.run(*START, "--for", "1h").out
    assert ("--for is of a new TensorBoard" in told, f"PAI does not say that {board}" in told) == (True, True)
    running.run("open", "train", "--tensorboard", "stop", "--yes")
    assert "PAI does not say" in running.run(*START).out


def test_the_tensorboard_of_a_strangers_run_takes_its_job_id(running):
    (run,) = running.emulator.jobs()
    stop = ("--tensorboard", "stop", "--yes")
    running.run(*START)
    running.emulator.change(run["JobId"], Settings={"Tags": {"dlcapply-owner": "speech/prod"}})
    refused = running.run("open", "train", *stop)
    assert (refused.code, "names it by its JobId" in refused.err) == (ExitCode.FAILED, True)
    assert running.run("open", run["JobId"], *stop).code == ExitCode.OK
    assert running.writes[-1] == "StopTensorboard"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--pod", "worker-0"), "--pod is of --terminal"),
        (("--summary-path", "/a"), "--summary-path is of --tensorboard start"),
        (("--tensorboard", "stop", "--summary-path", "/a", "--yes"), "--summary-path is of"),
        (("--tensorboard", "start", "--terminal", "--yes"), "two things"),
        (("--tensorboard", "stop"), "can't ask without a terminal"),
        (("--tensorboard", "stop", "--for", "1h", "--yes"), "--for is of --tensorboard start"),
    ],
)
def test_options_without_an_effect_are_wrong_usage(running, options, words):
    printed = running.run("open", "train", *options)
    assert (printed.code, words in printed.err) == (ExitCode.USAGE, True)


def test_tokens_are_printed_for_who_asks(running):
    (run,) = running.emulator.jobs()
    board = running.run(*START, "-o", "json")
    assert "token" not in board.out
    assert "token" not in running.run("open", "train", "-o", "json").out
    shown = running.run("open", "train", "--terminal")
    assert f"/terminal/{run['JobId']}-master-0?token=" in shown.out
    assert "token=" not in shown.err
    verbose = running.run("open", "train", "--terminal", "-v")
    assert "GetWebTerminal" in verbose.err
    assert "token=" not in verbose.err


@pytest.mark.parametrize("environ", [{"TERM": "dumb"}, {"LC_ALL": "C"}, {"LANG": "POSIX"}])
def test_curves_are_of_ascii_for_who_can_show_no_more(running, environ):
    assert running.run("metrics", "train", "--metric", "GpuCoreUsage").out.count("▇")
    running.environ = environ
    assert running.run("metrics", "train", "--metric", "GpuCoreUsage").out.isascii()


def test_a_run_of_nobody_here_is_looked_at_too(project):
    project.emulator.configure(lifecycles={"theirs": Lifecycle(running=600)})
    (job_id,) = project.emulator.seed({"DisplayName": "theirs", "UserId": "9"})
    project.emulator.turn(3600)
    for command in ("metrics", "sanity", "open"):
        printed = project.run(command, job_id)
        assert (printed.code, "not ours" in printed.out) == (ExitCode.OK, True)
    told = project.run("metrics", "theirs", "--since", "5m").out
    # Of a run that has ended, the time is that before its end.
    assert "from 2026-11-23 00:05:03 to 2026-11-23 00:10:03 UTC" in told


def test_what_ended_before_it_ran_is_not_waited_for(project):
    project.job("queued", "  UserCommand", "  Settings: {EnableSanityCheck: true}\n  UserCommand")
    project.run("apply", "--yes")
    assert "has not run yet" in project.run("metrics", "queued").out
    assert "made yet" in project.run("sanity", "queued").out
    project.run("stop", "queued", "--yes")
    assert "never ran" in project.run("metrics", "queued").out
    assert "the run ended before it" in project.run("sanity", "queued").out
