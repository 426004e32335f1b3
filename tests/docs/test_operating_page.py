"""docs/operating.md shows a session that was really run; DLCAPPLY_REWRITE=1 writes it anew."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from math import inf
from pathlib import Path

import yaml

from dlcapply.cli.habits import MEANT
from dlcapply.cli.main import cli, main
from dlcapply.cli.shell import Shell
from dlcapply.diagnosis.advice import ADVICE
from dlcapply.diagnosis.verdicts import WELL, Certainty, Code
from dlcapply.emulator import Clock, Emulator, Lifecycle, Switches
from dlcapply.errors import ExitCode
from dlcapply.manifest.schema.shipped import shipped
from tests.clocks import TurningClock
from tests.diagnosis.scenes import ENDS, job

PAGE = Path(__file__).parents[2] / "docs" / "operating.md"
SESSION = re.compile(r"(<!-- session -->\n```\n)(.*?)(```\n<!-- /session -->)", re.DOTALL)
VERDICTS = re.compile(r"(<!-- verdicts -->\n)(.*?)(<!-- /verdicts -->)", re.DOTALL)
PROJECT = """\
apiVersion: dlcapply/v1
kind: Project
metadata: {{name: vision}}
manifests: ["jobs/*.yaml"]
environments:
  prod: {{endpoint: "http://{endpoint}", region: cn-hangzhou, workspaceId: "1001"}}
"""
# The wording that is shown of each cause, where it is not the first; the one that is shown whole.
WORDINGS = {"bid-too-low": 1, "oom": 1, "workspace-policy": 1}
WHOLE = "oom"
SHOWN = ("evidence",)


def manifest(cause):
    body = job(cause, 0)
    del body["DisplayName"], body["WorkspaceId"]
    if not body["Settings"]:
        del body["Settings"]
    metadata = {"name": "success" if cause == "noise" else cause}
    return yaml.safe_dump(
        {"apiVersion": "dlcapply/v1", "kind": "Job", "metadata": metadata, "spec": body}, sort_keys=False
    )


def lifecycles():
    """Those of the causes; what is full in quota-full is the quota itself."""
    named = {cause: Lifecycle(cause=cause, variant=WORDINGS.get(cause, 0), running=600) for cause in ENDS}
    others = {"quota-full": Lifecycle(), "success": Lifecycle(cause="noise", running=600)}
    return {**named, **others, "pretrain-*": Lifecycle(running=inf)}


def on_the_quota(name, pods):
    """A job of somebody else, of so many pods with eight GPUs each."""
    role = {
        "Type": "Worker",
        "PodCount": pods,
        "ResourceConfig": {"CPU": "64", "GPU": "8", "Memory": "512Gi"},
    }
    return job("quota-full", 0) | {"DisplayName": name, "JobSpecs": [role]}


def only_what_shows_it(lines):
    """The verdict with its evidence; the other sections, and where it was looked, are left out."""
    kept, is_shown = [], True
    for line in lines[2:]:
        if re.match(r"  [a-z].*[a-z]$", line) and kept and kept[-1] == "":
            is_shown = line.strip() in SHOWN
        if is_shown:
            kept.append(line)
    return [line for line in kept if line]


def session(folder, capsys):
    with Emulator(
        clock=Clock.still(datetime(2026, 11, 23, tzinfo=UTC)),
        lifecycles=lifecycles(),
        switches=Switches(check_references=False),
    ) as emulator:
        (folder / "dlcapply.yaml").write_text(PROJECT.format(endpoint=emulator.endpoint))
        (folder / "jobs").mkdir()
        for cause in ENDS:
            (folder / "jobs" / f"{cause}.yaml").write_text(manifest(cause))
        shell = Shell({"COLUMNS": "80"}, TurningClock(emulator))
        emulator.seed(on_the_quota("pretrain-70b", 4), on_the_quota("pretrain-ablation", 2))
        emulator.turn(60)
        assert main(["apply", "--yes", "--parallelism", "1"], shell=shell) == ExitCode.OK
        emulator.turn(7200)
        capsys.readouterr()
        assert main(["status"], shell=shell) == ExitCode.OK
        yield from ("$ dlcapply status", *capsys.readouterr().out.splitlines(), "")
        for name in sorted("success" if cause == "noise" else cause for cause in ENDS):
            capsys.readouterr()
            assert main(["why", name], shell=shell) == ExitCode.OK
            lines = capsys.readouterr().out.splitlines()
            yield f"$ dlcapply why {name}"
            yield from lines if name == WHOLE else only_what_shows_it(lines)
            yield ""


def table():
    yield "| verdict | what it says |\n|---|---|\n"
    for code in Code:
        words = ADVICE[code].what.format(who="a pod", Who="A pod", status="…", waited="long", lasted="long")
        yield f"| `{code}` | {words} |\n"


def test_the_session_is_a_real_one(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    text = "\n".join(session(tmp_path, capsys)).rstrip() + "\n"
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:8080", text)
    page = PAGE.read_text("utf-8")
    expected = SESSION.sub(lambda found: f"{found[1]}{text}{found[3]}", page)
    if os.environ.get("DLCAPPLY_REWRITE"):
        PAGE.write_text(expected, "utf-8")
    assert PAGE.read_text("utf-8") == expected
    assert text.count("$ dlcapply why ") == len(ENDS)


def test_every_verdict_is_in_the_table():
    page = PAGE.read_text("utf-8")
    expected = VERDICTS.sub(lambda found: f"{found[1]}{''.join(table())}{found[3]}", page)
    if os.environ.get("DLCAPPLY_REWRITE"):
        PAGE.write_text(expected, "utf-8")
    assert PAGE.read_text("utf-8") == expected
    assert set(ADVICE) == set(Code)
    offered = {step.command for advice in ADVICE.values() for step in advice.steps if step.command}
    assert {verb for verb, *_ in offered} <= {*cli.commands, *MEANT}
    for verb, *words in (one for one in offered if one[0] in cli.commands):
        options = {name for option in cli.commands[verb].params for name in option.opts}
        assert {word for word in words if word.startswith("--")} <= options, (verb, words)
    told = shipped("diagnosis.v1.schema.json")["properties"]["diagnosis"]["properties"]
    assert (told["code"]["enum"], told["certainty"]["enum"]) == (list(Code), list(Certainty))
    assert all(ADVICE[code].steps for code in set(Code) - WELL - {Code.NO_RUN})
