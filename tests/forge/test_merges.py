"""20 pull requests, merged in any order while applies are cancelled: each happens once, and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import signal
from contextlib import ExitStack
from datetime import UTC, datetime
from math import inf
from random import Random

import pytest

from dlcapply.emulator import Clock, Emulator, Lifecycle, Switches
from tests.forge.book import Book
from tests.forge.fake_github import FakeGitHub
from tests.forge.gate import Gate
from tests.forge.teamwork import (
    PROJECT,
    Change,
    Commands,
    Hub,
    Journal,
    Pull,
    Repository,
    file_of,
    manifest,
)

pytestmark = pytest.mark.sweep

# By hand, with many more: DLCAPPLY_SEEDS=50
SEEDS = range(int(os.environ.get("DLCAPPLY_SEEDS", "1")))
HOUR = 3600
LIFECYCLES = {"short*": Lifecycle(), "waits*": Lifecycle(running=4 * HOUR), "queued*": Lifecycle(queuing=inf)}
KINDS = {"new": 5, "rerun": 4, "wait": 3, "replace": 3, "update": 2, "stop": 2, "remove": 1}
CONTESTED, BLOCKED = "short-contested", "long-blocked"
KILLED = -signal.SIGKILL
# While a plan is made, SIGTERM ends the process as it ends any other.
CUT_SHORT = {130, 143, -signal.SIGTERM, KILLED}
CALM = {0, 3}
MOST_REQUESTS = 16  # of an apply that does little


def changes():
    kinds = [kind for kind, number in KINDS.items() for _ in range(number)]
    return [Change(kind, number) for number, kind in enumerate(kinds, start=1)]


def pull_of(change):
    consents = ("--allow-replace", change.name) if change.kind == "replace" else ()
    return Pull(f"change-{change.number}", {change.file: change.after}, consents)


class Team:
    """What people and workflows do, in an order that a seed decides."""

    def __init__(self, seed, folder, emulator, gate, commands, hub):
        self.random = Random(seed)  # noqa: S311  chance, not secrecy
        self._emulator, self._gate, self._commands = emulator, gate, commands
        self._folder = folder
        self.repository = Repository(folder / "repository")
        self.journal = Journal(folder / "state")
        self.hub = hub
        self.cut_short = 0

    def begin(self, files):
        """The files are on main, and applied."""
        project = PROJECT.format(address=self._gate.address)
        self.repository.commit({"dlcapply.yaml": project, **files})
        self.repository.check_out()
        assert self.run("apply", "--yes", "--state-dir", str(self.journal.folder)).code == 0
        self.journal.end(kept=True)
        self._emulator.turn(HOUR)
        lag = self.random.choice([0.0, 20.0, 60.0])
        self._emulator.configure(switches=Switches(check_references=False, list_lag=lag))

    def run(self, *words, environ=None):
        return self._commands.run(*words, folder=self.repository.runner, environ=environ)

    def open(self, pull):
        """It is reviewed as what merging it would leave."""
        self.hub.open(pull, self.repository.commit(pull.files, branch=pull.branch))
        self.repository.check_out(with_branch=pull.branch)
        plan = self._folder / f"{pull.branch}.json"
        ended = self.run("plan", "--prune", "--out", str(plan), "--expires", "2160h", *pull.consents)
        assert ended.code in CALM, ended
        self.hub.review(pull, plan)

    def merge(self, pull):
        self.hub.merge(pull, self.repository.merge(pull.branch))

    def apply(self, *, cancelled=False):
        """One run of the workflow; cancelled, a signal comes at one of its requests."""
        self._emulator.turn(self.random.randrange(40))
        self.repository.check_out()
        state = ["--state-dir", str(self.journal.folder)]
        words = ["--approved", self._approved(*state), "--prune", "--yes", "-o", "json", *state]
        words += ["--parallelism", self.random.choice("138")]
        words += ["--journal-lost"] if self.journal.is_lost else []
        self.journal.begin()
        if cancelled:
            self._cancel_at_some_request()
        ended = self.run("apply", *words)
        was_cut_short = self._gate.open() and cancelled
        self.journal.end(kept=ended.code != KILLED or self.random.random() < 0.5)
        assert ended.code in (CALM | CUT_SHORT if was_cut_short else CALM), ended
        self.cut_short += ended.code in CUT_SHORT
        return ended

    def _approved(self, *state):
        """The folder of the plans that are needed now; to ask for all of them has a limit at GitHub."""
        pending, approved = self._folder / "pending.json", self._folder / "approved"
        shutil.rmtree(approved, ignore_errors=True)
        assert self.run("plan", "--prune", "--out", str(pending), *state).code in CALM
        words = ["-e", "prod", "--out", str(approved), "--for", str(pending)]
        ended = self.run("github", "approved", *words, environ=self.hub.environ)
        assert ended.code == 0, ended
        return str(approved)

    def _cancel_at_some_request(self):
        number = self.random.choice([signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
        self._gate.at(
            self.random.randrange(MOST_REQUESTS),
            lambda: self._commands.signal(number),
            comes_after=self.random.random() < 0.5,
        )


def merged_in_any_order(team, pulls, *, unmerged, then):
    """All are opened, and all but the `unmerged` are merged, before or after others; `then` after each."""
    waiting = team.random.sample(pulls, len(pulls))
    opened = []
    while waiting or opened:
        if waiting and (not opened or team.random.random() < 0.6):
            pull = waiting.pop()
            team.open(pull)
            opened += [] if pull in unmerged else [pull]
        else:
            pull = opened.pop(team.random.randrange(len(opened)))
            team.merge(pull)
            then(pull)


@pytest.fixture
def world(tmp_path):
    with ExitStack() as stack:
        emulator = stack.enter_context(
            Emulator(
                clock=Clock.still(datetime(2026, 11, 23, tzinfo=UTC)),
                lifecycle=Lifecycle(running=inf),
                lifecycles=LIFECYCLES,
                switches=Switches(check_references=False),
            )
        )
        gate = stack.enter_context(Gate(emulator.endpoint))
        commands = stack.enter_context(Commands(tmp_path, emulator.endpoint))
        github = stack.enter_context(FakeGitHub(now=lambda: datetime.fromtimestamp(emulator.now(), UTC)))
        yield emulator, gate, commands, Hub(github, tmp_path)
        assert github.unknown_routes == []
        assert (emulator.errors, emulator.unknown_routes) == ((), ())


@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_approved_happens_once_and_nothing_else(seed, tmp_path, world):
    emulator = world[0]
    team = Team(seed, tmp_path, *world)
    made = {pull.branch: (pull, change) for change in changes() for pull in [pull_of(change)]}
    others = {file_of(name): manifest(name) for name in (CONTESTED, BLOCKED, "long-kept-1", "long-kept-2")}
    team.begin(others | {change.file: change.before for _, change in made.values() if change.before})
    book = Book(emulator)
    rivals = [
        Pull("rival-21", {file_of(CONTESTED): manifest(CONTESTED, first="21")}),
        Pull("rival-22", {file_of(CONTESTED): manifest(CONTESTED, second="22")}),
    ]
    blocked = Pull("blocked-23", {file_of(BLOCKED): manifest(BLOCKED, change="23")})
    closed = Pull("closed-24", {file_of("closed"): manifest("closed", change="24")})

    def merged(pull):
        if pull is not blocked:
            book.agree(made[pull.branch][1])
        while team.random.random() < 0.4:
            team.apply(cancelled=team.random.random() < 0.6)
            book.check()

    pulls = [pull for pull, _ in made.values()]
    unmerged = [*rivals, closed]
    merged_in_any_order(team, [*pulls, blocked, *unmerged], unmerged=unmerged, then=merged)
    for _ in range(3):  # scheduled
        emulator.turn(3 * HOUR)
        team.apply()
        book.check()
    assert team.cut_short
    assert book.starts == dict.fromkeys(book.agreed, 1)
    assert book.sent("StopJob") == dict.fromkeys(book.ends, 1)
    updated = [change for _, change in made.values() if change.kind == "update"]
    assert book.sent("UpdateJob") == {book.first[change.name]: 1 for change in updated}
    assert all(book.note_of(change.name) == f"change {change.number}" for change in updated)
    two_that_reach_one_job(team, book, rivals)


def two_that_reach_one_job(team, book, rivals):
    """What both leave is in no plan that anybody approved: it waits for a person, who names it."""
    for pull in team.random.sample(rivals, 2):
        team.merge(pull)
    sneaked = {file_of("sneaked"): manifest("sneaked", change="nobody")}
    team.repository.commit(sneaked)
    ended = team.apply()
    results = {one["name"]: one["result"] for one in json.loads(ended.out)["outcomes"]}
    assert (ended.code, results[CONTESTED], results["sneaked"]) == (3, "not-approved", "not-approved")
    assert results[BLOCKED] == "blocked"
    assert book.runs_of(CONTESTED) == []
    by_hand = ["--select", CONTESTED, "--state-dir", str(team.journal.folder)]
    digest = json.loads(team.run("plan", *by_hand, "-o", "json").out)["digest"]
    assert team.run("apply", *by_hand, "--yes", "--expect", "0" * 64).code == 6
    assert team.run("apply", *by_hand, "--yes", "--expect", digest).code == 0
    (run,) = book.runs_of(CONTESTED)
    assert (run["Envs"]["FIRST"], run["Envs"]["SECOND"]) == ("21", "22")
    assert team.apply().code == 3
    assert len(book.runs_of(CONTESTED)) == 1
    assert book.runs_of("sneaked") == book.runs_of("closed") == []
