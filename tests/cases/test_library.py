"""The public face plans what the command plans: its plans are the transcripts' own.

The first plan of every second case, or what its first apply shows; `DLCAPPLY_LIBRARY=all` has every plan of
every case, by hand.
"""

from __future__ import annotations

import os
import re
import runpy
import sys
from dataclasses import fields
from pathlib import Path

import click
import pytest

import dlcapply
from dlcapply.api.command_lines import apply_exactly
from dlcapply.api.options import PlanOptions, TargetOptions
from dlcapply.api.plans.saved import apply_saved_command
from dlcapply.cli.commands.apply import apply
from dlcapply.cli.commands.plan import plan as plan_command
from dlcapply.cli.options.values import pick
from dlcapply.rendering.json_documents import to_json
from dlcapply.rendering.text.lines import to_text
from dlcapply.rendering.text.plans import plan_lines
from dlcapply.runners import disarmed
from tests.cases.stage import SCENARIO, TRANSCRIPT, Stage, copy_files, open_emulator
from tests.cases.transcript import read_blocks

pytestmark = pytest.mark.sweep

EXAMPLE = Path(__file__).parents[2] / "examples" / "library.py"
PLAN, APPLY = "dlcapply plan", "dlcapply apply"
COMMANDS = {PLAN: plan_command, APPLY: apply}
BEYOND_THE_EXAMPLE = {field.name for kind in (TargetOptions, PlanOptions) for field in fields(kind)} - {
    "paths"
}
# Drift is another report.
ANY_PLAN = re.compile(rf"{PLAN}\b(?!.*--drift)")
# What is not approved is not shown by a plan without approvals.
COMPARED = re.compile(r"^\$ dlcapply (plan|apply(?!.*--approved))\b", re.MULTILINE)
TRANSCRIPTS = sorted(Path(__file__).parent.glob(f"*/{TRANSCRIPT}"))
ALL = os.environ.get("DLCAPPLY_LIBRARY") == "all"
CASES = [path.parent for path in TRANSCRIPTS if COMPARED.search(path.read_text("utf-8"))][:: 1 if ALL else 2]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_public_face_makes_the_plans_of_the_transcript(case, tmp_path, monkeypatch, capsys):
    blocks = read_blocks((case / TRANSCRIPT).read_text("utf-8"))
    plans = [number for number, (words, _) in enumerate(blocks) if ANY_PLAN.match(words)]
    applies = [number for number, (words, _) in enumerate(blocks) if COMPARED.match(f"$ {words}")]
    verb = PLAN if plans else APPLY
    last = plans[-1] if plans and ALL else (plans or applies)[0]
    folder = tmp_path / "checkout"  # some cases put things beside it
    folder.mkdir()
    monkeypatch.chdir(folder)
    with open_emulator(case) as emulator:
        copy_files(case, folder, emulator)
        stage = Stage(folder, emulator, capsys)
        for words, printed in blocks[: last + 1]:
            shell, options = asked(stage, words, verb)
            if options is None:
                stage.play(words)
                continue
            try:
                plan, said = planned(options, shell)
            except dlcapply.DlcapplyError as error:
                assert_told(error, stage, printed)
                continue
            said = disarmed(said) if "GITHUB_ACTIONS" in shell.environ else said
            shown = [line for line in printed[:-1] if not line.startswith("stderr:")]
            lines = stage.hide(said).splitlines()
            assert lines == (shown if verb == PLAN else shown[: len(lines)])
            if not is_read_once(case) and not any(options[name] for name in BEYOND_THE_EXAMPLE):
                monkeypatch.setattr(sys, "argv", ["library.py", *options["paths"]])
                assert_example_prints(plan, capsys)


def is_read_once(case):
    """Whether to look twice is to see another thing: faults are used up."""
    texts = [path.read_text("utf-8") for name in (TRANSCRIPT, SCENARIO) if (path := case / name).exists()]
    return "fault" in "".join(texts)


def asked(stage, words, verb):
    """The process of a plan, and its options; None of them for what else a step may be."""
    shell, args = stage.command(words) if words.startswith(verb) else (None, [])
    try:
        options = COMMANDS[verb].make_context(args[0], args[1:], obj=shell).params if shell else {}
    except click.UsageError:
        options = {}
    can_be_saved = Path(options.get("out") or ".").parent.is_dir()  # which the command looks at first
    is_alike = can_be_saved and not any(options.get(name) for name in ("approved", "changed", "drift"))
    return shell, options if is_alike and options.get("output") in {(), ("json",)} else None


def planned(options, shell):
    """The plan of the public face, and what the command would print of it."""
    target, chosen = pick(TargetOptions, options), pick(PlanOptions, options)
    manifests = dlcapply.load(
        *target.paths,
        environ=shell.environ,
        environment=target.environment or None,
        region=target.region or None,
        workspace=target.workspace or None,
        owner=target.owner or None,
        endpoint=target.endpoint or None,
        view=target.view or None,
        variables=dict(pair.split("=", 1) for pair in target.var),
        variable_files=target.var_file,
        select=target.select or None,
        exclude=target.exclude,
    )
    with dlcapply.connect(manifests, clock=shell.clock) as service:
        plan = dlcapply.plan(
            manifests,
            service,
            prune=chosen.prune,
            allow_replace=chosen.allow_replace,
            allow_stops=chosen.allow_stops,
            preflight=not chosen.no_preflight,
        )
    if options["output"]:
        return plan, to_json(dlcapply.plan_document(plan))
    is_offered = manifests.environment.knows_ours and "yes" not in options
    typed = apply_exactly(target, chosen, plan.digest) if is_offered else ""
    if file := options.get("out"):
        dlcapply.save_plan(plan, file, manifests, now=shell.clock.now(), valid_for=options["expires"])
        typed = apply_saved_command(file, target.var)
    return plan, to_text(plan_lines(plan, apply_command=typed, full=options["full"]))


def assert_told(error, stage, printed):
    told = " ".join(line.removeprefix("stderr:").strip() for line in printed)
    assert f"[exit {error.exit_code}]" in told
    for message in (error.message, *(finding.message for finding in getattr(error, "findings", ()))):
        assert " ".join(stage.hide(message).split()) in told


def assert_example_prints(plan, capsys):
    """The same changes; the example has the machine's clock, so what reasons tell of time may differ."""
    capsys.readouterr()
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    changes = [line.partition(", because ")[0] for line in capsys.readouterr().out.splitlines()]
    assert changes == [f"{change.name}: {change.action}" for change in plan.changes]
