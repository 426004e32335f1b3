"""Where a case is played: a copy of its folder, an emulator, and the environment of its commands.

Steps, beside `dlcapply …`, in which JOB1, DIGEST1 and the like stand for what was printed before:

    edit FILE OLD NEW               OLD is in the file exactly once; `\\n` is a line's end
    mv FROM TO, rm FILE
    link NAME TARGET, pipe NAME
    git WORDS…                      as a person with a name
    setenv NAME VALUE               the value is a secret
    tellenv NAME VALUE              the value is none
    turn 5m
    fault OPERATION KIND KEY=VALUE… as in scenarios; a key alone is true
    clear-faults
    configure SWITCH=VALUE…
    act-as USER_ID KEY=VALUE…       whoever holds the key from now on, as in scenarios
    person creates NAME KEY=VALUE…, person edits NAME KEY=VALUE…
    person clones NAME, person stops NAME, person deletes NAME
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path

import yaml

from dlcapply.cli.main import main
from dlcapply.cli.shell import Shell
from dlcapply.cloud.jobs import JOBS
from dlcapply.cloud.wire.connection import connect
from dlcapply.cloud.wire.session import StaticKeys
from dlcapply.emulator import KEY_ID, SECRET, Emulator
from dlcapply.emulator.world.scenario import read_scenario
from dlcapply.model.jobs import Environment
from tests.cases.placeholders import Placeholders
from tests.cases.transcript import COMMAND
from tests.clocks import TurningClock

SECRET_PREFIX = "s3cret-"
TRANSCRIPT = "transcript.txt"
SCENARIO = "scenario.yaml"
_ENDPOINT = "EMULATOR"
_GIT = shutil.which("git")
_PERSON = {f"GIT_{role}_{fact}": "a@x" for role in ("AUTHOR", "COMMITTER") for fact in ("NAME", "EMAIL")}
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
# Unless a case's scenario says otherwise: a job runs for an hour, from a fixed moment on.
_DEFAULTS = {
    "clock": {"speed": 0, "start": "2026-11-23T00:00:00Z"},
    "lifecycle": {"running": 3600},
}


def open_emulator(case):
    """The emulator of the scenario in the folder of a case."""
    scenario = case / SCENARIO
    declared = yaml.safe_load(scenario.read_text("utf-8")) if scenario.exists() else {}
    return Emulator.from_scenario({**_DEFAULTS, **declared})


def copy_files(case, folder, emulator):
    """The manifests of the case are in the folder, and name the emulator's address."""
    skipped = shutil.ignore_patterns(TRANSCRIPT, SCENARIO)
    shutil.copytree(case, folder, dirs_exist_ok=True, ignore=skipped)
    for project in folder.rglob("dlcapply.yaml"):
        text = project.read_text("utf-8")
        project.write_text(re.sub(rf"\b{_ENDPOINT}\b", f"http://{emulator.endpoint}", text), "utf-8")


class Stage:
    """Plays steps in the working folder; what they print has placeholders in it."""

    def __init__(self, folder, emulator, capture):
        self.secrets = {SECRET_PREFIX}
        self._folder = folder
        self._emulator = emulator
        self._capture = capture
        self._environ = {"GIT_CEILING_DIRECTORIES": str(folder.parent)}
        self._own_files = set(_files(folder))
        self._placeholders = Placeholders(
            {f"http://{emulator.endpoint}": _ENDPOINT, emulator.endpoint: _ENDPOINT, str(folder): "FOLDER"}
        )

    def play(self, words):
        """The lines that the step printed."""
        if words.startswith(COMMAND):
            return self._command(words)
        verb, *others = shlex.split(words)
        _VERBS[verb](self, *others)
        return []

    @property
    def written_files(self):
        """The files that commands made: plans, reports, the journal."""
        return [file for file in _files(self._folder) if file not in self._own_files]

    def command(self, words):
        """The process that the step's command is in, and its arguments."""
        args = [self._real(arg) for arg in _one_at_a_time(shlex.split(words)[1:])]
        return Shell(self._environ, TurningClock(self._emulator)), args

    def hide(self, text):
        return self._placeholders.hide(text)

    def _command(self, words):
        known = len(self._emulator.requests)
        self._capture.readouterr()
        shell, args = self.command(words)
        code = main(args, shell=shell)
        printed = self._capture.readouterr()
        requests = self._emulator.requests[known:]
        lines = [
            *printed.out.splitlines(),
            *(f"stderr: {line}".rstrip() for line in printed.err.splitlines()),
            f"[exit {code}]{_asked(requests)}{self._written(requests)}",
        ]
        assert not any(line.startswith("$ ") for line in lines), "a step could not be told from this output"
        return self.hide("\n".join(lines)).split("\n")

    def _real(self, arg):
        return self._placeholders.reveal(arg).replace(_ENDPOINT, f"http://{self._emulator.endpoint}")

    def _written(self, requests):
        """The writes in their order; of what was not answered with 200, the status."""
        names = {job["JobId"]: job["DisplayName"] for job in self._emulator.jobs()}
        writes = [_write_words(entry, names) for entry in requests if entry.method != "GET"]
        return f"; wrote {', '.join(writes)}" if writes else ""

    def _edit(self, file, old, new):
        path = self._folder / file
        text, old, new = path.read_text("utf-8"), self._real(_newlines(old)), self._real(_newlines(new))
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new), "utf-8")

    def _move(self, source, target):
        (self._folder / target).parent.mkdir(parents=True, exist_ok=True)
        (self._folder / source).rename(self._folder / target)
        self._own_files.add(self._folder / target)

    def _remove(self, file):
        (self._folder / file).unlink()

    def _link(self, name, target):
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)
        self._own_files.add(path)

    def _pipe(self, name):
        os.mkfifo(self._folder / name)

    def _git(self, *words):
        subprocess.run([_GIT, *words], cwd=self._folder, env=os.environ | _PERSON, check=True)

    def _setenv(self, name, value):
        self._environ[name] = value
        if value.strip():
            self.secrets.add(value)

    def _tellenv(self, name, value):
        self._environ[name] = value

    def _turn(self, time):
        self._emulator.turn(int(time[:-1]) * _UNITS[time[-1]])

    def _fault(self, operation, kind, *rules):
        fault = {"operation": operation, "kind": kind, **_pairs(rules)}
        self._emulator.fault(*read_scenario({"faults": [fault]}).faults)

    def _clear_faults(self):
        self._emulator.clear_faults()

    def _configure(self, *switches):
        self._emulator.configure(switches=replace(self._emulator.switches, **_pairs(switches)))

    def _act_as(self, user_id, *facts):
        user = {"secret": SECRET, "userId": user_id, **_pairs(facts)}
        self._emulator.configure(users=read_scenario({"users": {KEY_ID: user}}).users)

    def _person(self, deed, name, *facts):
        emulator, facts = self._emulator, _pairs(facts)
        match deed:
            case "creates":
                emulator.seed({"DisplayName": name, **facts})
            case "clones":
                emulator.clone(self._newest(name))
            case "stops":
                emulator.change(self._newest(name), Status="Stopped")
            case "deletes":
                self._delete(self._newest(name))
            case "edits":
                emulator.change(self._newest(name), **facts)
            case _:
                raise AssertionError(f"nobody {deed}")

    def _delete(self, job_id):
        there = Environment("", "cn-hangzhou", "1001", "", endpoint=self._emulator.endpoint)
        keys = StaticKeys(KEY_ID, SECRET)
        connection = connect(there, clock=TurningClock(self._emulator), keys=keys, read_timeout_ms=5000)
        connection.write("DeleteJob", "DELETE", f"{JOBS}/{job_id}")

    def _newest(self, name):
        return [job["JobId"] for job in self._emulator.jobs() if job["DisplayName"] == name][-1]


_VERBS = {
    "edit": Stage._edit,
    "mv": Stage._move,
    "rm": Stage._remove,
    "link": Stage._link,
    "git": Stage._git,
    "pipe": Stage._pipe,
    "setenv": Stage._setenv,
    "tellenv": Stage._tellenv,
    "turn": Stage._turn,
    "fault": Stage._fault,
    "clear-faults": Stage._clear_faults,
    "configure": Stage._configure,
    "act-as": Stage._act_as,
    "person": Stage._person,
}


def _files(folder):
    return sorted(path for path in Path(folder).rglob("*") if path.is_file())


def _one_at_a_time(args):
    """Changes that go on side by side would turn the clock, and write, in any order."""
    writes = args[:1] and args[0] in {"apply", "stop", "cleanup"}
    return [args[0], "--parallelism", "1", *args[1:]] if writes else args


def _pairs(words):
    """`key=value` as YAML reads the value; a key alone is true."""
    pairs = (word.partition("=") for word in words)
    return {key: yaml.safe_load(value) if equals else True for key, equals, value in pairs}


def _newlines(text):
    return text.replace("\\n", "\n")


def _asked(requests):
    counts = Counter(entry.operation for entry in requests if entry.method == "GET")
    reads = ", ".join(f"{operation} {count}" for operation, count in sorted(counts.items()))
    return f" {reads}" if reads else ""


def _write_words(entry, names):
    job_id = next((part for part in entry.path.split("/") if part in names), "")
    keys = f" ({', '.join(sorted(entry.body))})" if job_id and entry.body else ""
    named = (entry.body or {}).get("DisplayName") or entry.path.partition("?")[0].split("/")[4]
    subject = f"{names[job_id]} {job_id}" if job_id else named
    answer = {200: "", 0: " → no answer"}.get(entry.status, f" → {entry.status}")
    return f"{entry.operation} {subject}{keys}{answer}"
