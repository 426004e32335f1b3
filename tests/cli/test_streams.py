"""Telling never decides about doing: commands as processes whose output nobody can, or wants to, take."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager, suppress

import pytest

from dlcapply.cli.streams import Teller
from dlcapply.emulator import Fault, FaultKind
from tests.cli.conftest import project_of
from tests.cli.process import COMMAND
from tests.cli.started import CLOSED, PIPE, Started, ended

JOBS = 12
NOISE = ("Traceback", "Exception ignored", "BrokenPipe")


@pytest.fixture
def project(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with project_of(tmp_path, capsys, jobs=[f"job-{number:02}" for number in range(JOBS)]) as project:
        yield project


@contextmanager
def unread():
    """A pipe whose reader has left."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


@contextmanager
def stuck():
    """A pipe that is full, and whose reader does not read."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writer, b"x" * 4096)
    os.set_blocking(writer, True)
    yield writer
    os.close(reader)
    os.close(writer)


@contextmanager
def full():
    """A device that has no room."""
    writer = os.open("/dev/full", os.O_WRONLY)
    yield writer
    os.close(writer)


TARGETS = {"unread": unread, "stuck": stuck, "full": full}


def run(*args, out="", err=""):
    """The ended process; `out` and `err` are `closed`, `full`, `unread` or `stuck`, else they are read."""
    with ExitStack() as stack:
        given = {"": PIPE, "closed": CLOSED}
        out, err = (
            stack.enter_context(TARGETS[kind]()) if kind in TARGETS else given[kind] for kind in (out, err)
        )
        return ended(*args, stdout=out, stderr=err)


def run_anew(*args, out="", **environ):
    """The ended process of an interpreter of its own."""
    with ExitStack() as stack:
        descriptor = stack.enter_context(TARGETS[out]()) if out in TARGETS else None
        target = {"": "", "closed": "1>&-"}.get(out, f"1>&{descriptor}")
        return subprocess.run(
            ["/bin/bash", "-c", f'exec "$@" {target}', "bash", *COMMAND, *args],
            capture_output=True,
            check=False,
            env={**os.environ, **environ},
            pass_fds=[] if descriptor is None else [descriptor],
            timeout=120,
        )


@pytest.mark.parametrize(
    ("out", "err", "code"),
    [
        ("", "full", 0),
        ("", "closed", 0),
        ("", "unread", 0),
        ("", "stuck", 0),
        ("full", "", 1),
        ("closed", "", 1),
        ("unread", "", 1),
        ("full", "full", 1),
        ("closed", "closed", 1),
    ],
)
def test_an_apply_that_nobody_hears_carries_out_all_of_its_plan(project, out, err, code):
    done = run("apply", "--yes", out=out, err=err)
    assert (done.returncode, project.writes) == (code, ["CreateJob"] * JOBS)
    assert not any(word in (done.stdout + done.stderr).decode() for word in NOISE)
    if not out:
        assert f"{JOBS} created" in done.stdout.decode()
    if out and not err:  # what was paid for is told where it can be
        told = done.stderr.decode()
        assert all(job["JobId"] in told for job in project.emulator.jobs())
        assert f"{JOBS} created" in told
    assert project.run("plan", "--detailed-exitcode").code == 0


REFUSED = Fault("CreateJob", FaultKind.ERROR, match="job-03", status=400, code="InvalidParameter", times=None)


def test_a_report_that_can_not_be_told_leaves_the_exit_code_of_what_was_done(project):
    project.emulator.fault(REFUSED)
    done = run("apply", "--yes", "-o", "json", out="full")
    told = done.stderr.decode()
    assert (done.returncode, len(project.emulator.jobs())) == (7, JOBS - 1)
    assert "standard output can't be written: No space left on device" in told
    assert all(job["JobId"] in told for job in project.emulator.jobs())


def test_a_folder_that_goes_away_meanwhile_takes_no_fact_with_it(project):
    project.emulator.fault(Fault("CreateJob", FaultKind.SLOW, seconds=1))
    (project.folder / "reports").mkdir()
    with Started("apply", "--yes", "-ojson=reports/a.json", "-ojson") as process:
        while not project.emulator.jobs():
            assert process.poll() is None
            time.sleep(0.01)
        (project.folder / "reports").rmdir()
        out, err = (written.decode() for written in process.communicate())
    assert (process.returncode, json.loads(out)["summary"]["created"]) == (1, JOBS)
    assert "reports/a.json: can't be written: No such file" in err
    assert all(job["JobId"] in err.partition("can't be written")[2] for job in project.emulator.jobs())


@pytest.mark.parametrize(
    ("fault", "code"), [(REFUSED, 7), (Fault("CreateJob", FaultKind.LOST, match="job-03"), 8), (None, 1)]
)
def test_a_file_that_fails_after_the_creates_leaves_the_other_files_and_the_exit_code(project, fault, code):
    if fault:
        project.emulator.fault(fault)
    done = project.run("apply", "--yes", "-ojson=/dev/full", "-otext=told.txt", "-ojson")
    assert done.code == code
    assert "/dev/full: can't be written: No space left on device" in done.err
    document = json.loads(done.out)
    created = [one["job_id"] for one in document["outcomes"] if one["result"] == "created"]
    assert len(created) >= JOBS - 1
    assert all(job_id in done.err.partition("can't be written")[2] for job_id in created)
    assert f"{len(created)} created" in (project.folder / "told.txt").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "out"),
    [
        (("plan",), "unread"),
        (("status",), "full"),
        (("validate",), "closed"),
        (("render",), "full"),
        (("schema",), "unread"),
        (("--help",), "full"),
    ],
)
def test_what_nobody_could_read_is_a_failure_without_noise(project, words, out):
    done = run_anew(*words, out=out)
    told = done.stderr.decode()
    assert done.returncode == 1
    assert not any(word in told for word in NOISE)
    assert ("standard output can't be written" in told) == (out != "unread")
    assert project.writes == []


def test_findings_count_for_more_than_that_nobody_read_them(project):
    project.job("bad", "PodCount: 1", "PodCount: many")
    assert run("validate", out="full").returncode == 4


def talk(words, answer=b"", *, term="xterm", **redirected):
    """What a terminal shows of a command that is answered once it asks, and the exit code.

    A stream may be redirected to a file, and to the terminal ("") where it can only be read.
    """
    master, slave = pty.openpty()
    streams = {"stdin": slave, "stdout": slave, "stderr": slave}
    for stream, file in redirected.items():
        flags = os.O_WRONLY | os.O_CREAT if file else os.O_RDONLY | os.O_NOCTTY
        streams[stream] = os.open(file or os.ttyname(slave), flags)
    with Started(*words, **streams, environ=os.environ | {"TERM": term}) as process, ExitStack() as stack:
        stack.callback(process.kill)
        for descriptor in {slave, *streams.values()}:
            os.close(descriptor)
        shown = b""
        with suppress(OSError):  # EIO: the other side is closed
            while True:
                assert select.select([master], [], [], 60)[0], "it waits for an answer, and has not asked"
                piece = os.read(master, 65536)
                shown += piece
                if b"[y/N]" in piece:
                    os.write(master, answer)
        os.close(master)
        process.wait()
    return shown.decode(), process.returncode


def test_a_person_sees_the_plan_and_is_asked_before_anything_is_written(project):
    shown, code = talk(["apply"], b"n\n")
    assert (code, project.writes) == (1, [])
    assert "the answer was no" in shown
    shown, code = talk(["apply", "--color", "never"], b"y\n")
    assert (code, project.writes) == (0, ["CreateJob"] * JOBS)
    assert f"Plan: {JOBS} to create." in shown
    assert "\x1b[3" not in shown


def test_who_is_asked_about_runs_sees_right_above_the_question_where_they_are(project):
    project.run("apply", "--yes")
    for answer, code, stops in ((b"n\n", 1, 0), (b"y\n", 0, JOBS)):
        shown, got = talk(["stop", "--all", "--no-wait", "--color", "never"], answer)
        before, _, question = shown.partition(f"Stop {JOBS} runs, ")
        assert (got, project.writes.count("StopJob"), "[y/N]" in question) == (code, stops, True)
        assert before.splitlines()[-1].startswith("local: workspace 1001 in cn-hangzhou, at ")


def test_a_plan_that_goes_elsewhere_is_shown_where_the_question_is_asked(project):
    shown, code = talk(["apply", "-o", "json"], b"n\n", stdout="outcome.json")
    assert (code, project.writes) == (1, [])
    assert shown.index(f"{JOBS} to create.") < shown.index("Apply these changes?")
    document = json.loads((project.folder / "outcome.json").read_text("utf-8"))
    assert document["summary"]["not-done"] == JOBS


@pytest.mark.parametrize(("term", "codes"), [("xterm", True), ("dumb", False)])
def test_a_live_view_and_colours_are_for_terminals_that_have_them(project, term, codes):
    shown, code = talk(["apply", "--yes"], term=term)
    assert (code, len(project.writes)) == (0, JOBS)
    assert ("\x1b[" in shown) == codes
    assert f"{JOBS} created" in shown


def test_a_terminal_that_goes_away_takes_no_job_with_it(project):
    project.emulator.fault(Fault("CreateJob", FaultKind.SLOW, seconds=1))
    master, slave = pty.openpty()
    streams = {"stdin": slave, "stdout": slave, "stderr": slave}
    with Started("apply", "--yes", "--parallelism", "1", **streams) as process:
        os.close(slave)
        shown = b""
        while b"Digest" not in shown:
            shown += os.read(master, 65536)
        os.close(master)
        assert process.wait() == 1
    assert project.writes == ["CreateJob"] * JOBS


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_nobody_can_agree_to_a_plan_or_a_question_that_is_not_shown(project, stream):
    """A terminal that was opened for reading only takes no text."""
    shown, code = talk(["apply"], b"y\n", **{stream: ""})
    assert (code, project.writes) == (1, [])
    assert ("so nobody can agree to it" in shown) == (stream == "stdout")


@pytest.mark.parametrize("locale", [{"LANG": "C", "LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}])
def test_documents_keep_every_character_in_any_locale(project, locale):
    project.job("a", "python train.py", "echo 训练 é 🚀")
    environ = locale | {"PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    rendered = run_anew("render", "jobs/a.yaml", **environ)
    assert "echo 训练 é 🚀" in rendered.stdout.decode("utf-8")
    document = run_anew("render", "jobs/a.yaml", "-o", "json", **environ)
    assert json.loads(document.stdout)["jobs"][0]["manifest"]["spec"]["UserCommand"] == "echo 训练 é 🚀"
    project.job("a", 'LR: "1e-4"', "LÄNGE: 1")
    told = run_anew("validate", "jobs/a.yaml", **environ)
    assert (told.returncode, b"L\\xc4NGE" in told.stdout) == (4, True)


def test_an_interrupt_before_anything_was_done_is_a_document_too(project):
    project.emulator.fault(Fault("ListJobs", FaultKind.SLOW, seconds=20))
    with Started("plan", "-o", "json", hasty=False) as process:
        while not project.emulator.requests:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert process.returncode == 130
    assert json.loads(out)["error"]["code"] == "interrupted"
    assert err.strip() == b"interrupted"


@pytest.mark.usefixtures("project")
def test_a_closed_stdin_is_an_empty_one():
    done = subprocess.run(
        ["/bin/bash", "-c", 'exec "$@" <&-', "bash", sys.executable, "-m", "dlcapply", "validate", "-"],
        capture_output=True,
        check=False,
        env=dict(os.environ),
    )
    assert done.returncode == 10
    assert b"Traceback" not in done.stderr


def test_a_stream_that_somebody_made_non_blocking_takes_everything():
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    got = []

    def read():
        with os.fdopen(reader, "rb") as stream:
            got.append(stream.read())

    thread = threading.Thread(target=read)
    thread.start()
    with os.fdopen(writer, "w") as stream:
        teller = Teller(stream, is_obeyed=False)
        teller.write("x" * 300_000)
    thread.join()
    assert (got, teller.failure) == ([b"x" * 300_000], None)


def test_news_that_nobody_reads_is_dropped_and_the_rest_is_not():
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writer, b"x" * 4096)
    os.set_blocking(writer, True)
    os.set_blocking(reader, False)
    with os.fdopen(writer, "w") as stream, os.fdopen(reader, "rb", buffering=0) as read:
        news = Teller(stream, is_obeyed=False).impatient()
        news.write("dropped\n")
        while read.read(65536):  # None once it is empty
            continue
        news.write("told\n")
        assert read.read(65536) == b"told\n"
    assert news.failure is None


def test_a_stream_takes_text_only():
    """click writes bytes to see what a stream takes; in a workflow they would be told as text."""
    with pytest.raises(TypeError):
        Teller(None, is_obeyed=True).write(b"")


def test_a_stream_whose_file_was_closed_fails_quietly(tmp_path):
    with (tmp_path / "file").open("w") as stream:
        pass
    teller = Teller(stream, is_obeyed=False)
    teller.write("x")
    assert isinstance(teller.failure, ValueError)
    assert not teller.isatty()
