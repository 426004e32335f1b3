"""`dlcapply open`: the addresses where a run can be looked at, and its TensorBoard."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from dlcapply.cli.options.target import looked_at_option, name_options
from dlcapply.cli.options.telling import output_option
from dlcapply.cli.options.values import duration, text_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlcapply.api.runs.named import NamedRun
    from dlcapply.cli.connecting import FoundRun
    from dlcapply.cli.printing import Output
    from dlcapply.cli.shell import Shell
    from dlcapply.rendering.rows.inspection import TensorboardDone, TensorboardStep


@click.command("open")
@name_options
@looked_at_option
@click.option(
    "--terminal", is_flag=True, help="Also an address that opens a shell in a pod to whoever has it."
)
@text_option("--pod", metavar="POD", help="Which pod --terminal is of.")
@click.option("--tokens", is_flag=True, help="Print the tokens in addresses, which open them to everybody.")
@text_option(
    "--tensorboard",
    type=click.Choice(("start", "stop")),
    help="Have the run's one TensorBoard run, or none. It may cost.",
)
@text_option(
    "--summary-path",
    metavar="DIR",
    help="Where the run writes its summaries, for a new TensorBoard.",
)
@click.option(
    "--for",
    "lasting",
    type=duration,
    default=None,
    metavar="DURATION",
    help="When a new TensorBoard stops by itself, after 4h unless said otherwise.",
)
@click.option("--yes", is_flag=True, help="Start or stop without asking.")
@output_option
@click.pass_obj
def open_command(shell: Shell, /, **options: Any) -> None:
    """Print the addresses where the run of NAME can be looked at.

    Of the console, dashboards, TensorBoards, and of a terminal for who asks for one. They are printed, and
    nothing is opened. NAME is a job's, or a JobId.
    """
    from dlcapply.cli.connecting import found_run
    from dlcapply.cli.printing import parse_outputs

    _check(options)
    outputs = parse_outputs(options["output"])
    with found_run(shell, options) as found:
        if options["tensorboard"]:
            _tensorboard(shell, outputs, found, options)
        else:
            _show(shell, outputs, found, options)


def _check(options: dict[str, Any]) -> None:
    """Raises UsageError for options that would have no effect, and where nobody could be asked."""
    from dlcapply.cli.shell import is_terminal
    from dlcapply.cli.streams import stderr
    from dlcapply.errors import UsageError

    changes = bool(options["tensorboard"])
    if options["pod"] and not options["terminal"]:
        raise UsageError("--pod is of --terminal")
    if options["summary_path"] and options["tensorboard"] != "start":
        raise UsageError("--summary-path is of --tensorboard start")
    if options["lasting"] is not None and options["tensorboard"] != "start":
        raise UsageError("--for is of --tensorboard start")
    if changes and options["terminal"]:
        raise UsageError("--terminal and --tensorboard are two things: ask for one")
    if changes and not options["yes"] and not (is_terminal(sys.stdin) and is_terminal(stderr())):
        hint = "write --yes where nobody can be asked"
        raise UsageError("open can't ask without a terminal", hint=hint)


def _show(shell: Shell, outputs: Sequence[Output], of: FoundRun, options: dict[str, Any]) -> None:
    from dlcapply.api.inspecting.addresses import addresses
    from dlcapply.cli.printing import Fitting, report
    from dlcapply.rendering.formats import JSON, TEXT
    from dlcapply.rendering.inspection_documents import open_document
    from dlcapply.rendering.json_documents import to_json
    from dlcapply.rendering.text.addresses import addresses_lines

    found = addresses(
        of.manifests,
        of.service,
        of.named,
        terminal=options["terminal"],
        pod=options["pod"],
        tokens=options["tokens"],
    )
    report(
        outputs,
        shell,
        formats={
            TEXT: Fitting(lambda width: addresses_lines(found, width=width)),
            JSON: lambda: to_json(open_document(found)),
        },
    )


def _tensorboard(shell: Shell, outputs: Sequence[Output], of: FoundRun, options: dict[str, Any]) -> None:
    from dlcapply.api.inspecting.tensorboards import NOTHING, carried_out, step_to_start, step_to_stop
    from dlcapply.errors import DlcapplyError

    _check_named(of.named, options["name"], options["job_id"])
    manifests, service, named = of.manifests, of.service, of.named
    if options["tensorboard"] == "start":
        lasting = options["lasting"]
        minutes = None if lasting is None else max(1, int(lasting // 60))
        step = step_to_start(manifests, service, named, summary_path=options["summary_path"], minutes=minutes)
    else:
        step = step_to_stop(manifests, service, named)
    if step.action != NOTHING and not options["yes"] and not _agreed(shell, step):
        raise DlcapplyError("nothing was done: the answer was no")
    _tell(shell, outputs, carried_out(manifests, service, named, step), tokens=options["tokens"])


def _check_named(named: NamedRun, *words: str) -> None:
    """Raises DlcapplyError where a stranger's run was found by its name, and nobody has named it."""
    from dlcapply.errors import DlcapplyError

    if not (named.is_ours or named.run.job_id in words):
        what = f"{named.run.job_id}, the only run called {named.name}, is not this project's"
        raise DlcapplyError(f"nothing was done: {what}", hint="who means it names it by its JobId")


def _agreed(shell: Shell, step: TensorboardStep) -> bool:
    """Whether a person saw what is to be done, and said yes."""
    from dlcapply.cli.printing import show
    from dlcapply.cli.streams import stderr
    from dlcapply.rendering.text.addresses import step_lines

    show(step_lines(step), stderr(), shell)
    agreed = stderr().failure is None and click.confirm("Go on?", err=True)
    return agreed and stderr().failure is None


def _tell(shell: Shell, outputs: Sequence[Output], done: TensorboardDone, *, tokens: bool) -> None:
    from dlcapply.api.inspecting.addresses import shown_boards
    from dlcapply.cli.printing import Fitting, report
    from dlcapply.rendering.formats import JSON, TEXT
    from dlcapply.rendering.inspection_documents import tensorboard_document
    from dlcapply.rendering.json_documents import to_json
    from dlcapply.rendering.text.addresses import done_lines

    done = shown_boards(done, tokens=tokens)
    report(
        outputs,
        shell,
        formats={
            TEXT: Fitting(lambda width: done_lines(done, width=width)),
            JSON: lambda: to_json(tensorboard_document(done)),
        },
    )
