"""A service whose answers tell no time: nothing about runs is reckoned by this machine's clock instead."""

from __future__ import annotations

import json
from contextlib import closing

import pytest

from dlcapply.errors import ExitCode
from tests.answers.service import Service
from tests.answers.test_odd_answers import GOING, OLD, QUEUED, SCENES, Bench, Scene

COMMANDS = {
    "metrics": (Scene(("metrics", "train"), GOING), "told the time: these values end"),
    "metrics of what has ended": (Scene(("metrics", "train"), {"Status": "Succeeded"}), "42"),
    "queue": (SCENES["queue"], "waited is not known: no answer of PAI told the time"),
    "rerun": (
        Scene(("rerun", "train"), {"Status": "Failed"}, ("run: {", "run: {token: again, ")),
        '"again" -> "2"',
    ),
    "stop": (Scene(("stop", "train", "--dry-run"), GOING), "? acc-h"),
    "cleanup": (Scene(("cleanup", "--undeclared", "--older-than", "1d"), OLD), "old"),
    "status": (Scene(("status",), GOING), "train"),
    "why it waits": (Scene(("why", "train"), QUEUED), "train"),
}


@pytest.fixture
def bench(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with closing(Service()) as service:
        yield Bench(tmp_path, service)


def test_no_age_is_told_where_nobody_tells_the_time(bench):
    for name, (scene, says) in COMMANDS.items():
        bench.stage(scene)
        bench.service.tells_time = False
        code, printed = bench.run(*scene.command)
        assert (code, says in printed) == (ExitCode.OK, True), (name, printed)
        # By this machine's clock the runs are three weeks old.
        assert not {"22d", "21d", "2026-11-23"} & set(printed.replace("(", " ").split()), printed
    bench.stage(SCENES["queue"])
    bench.service.tells_time = False
    assert json.loads(bench.run("queue", "-o", "json")[1])["now"] is None
