"""`dlcapply stop`: runs are stopped by hand, after a signal where they are to save their work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dlcapply.api.options import TargetOptions, signal_name
from dlcapply.cli.options.doing import parallelism_option
from dlcapply.cli.options.target import run_options
from dlcapply.cli.options.telling import forms_option
from dlcapply.cli.options.values import duration, pick, word
from dlcapply.rendering.formats import REPORT_FORMS

if TYPE_CHECKING:
    from dlcapply.cli.shell import Shell
    from dlcapply.errors import ExitCode


def _signal(_: click.Context, __: click.Parameter, value: str | None) -> str:
    """The name of a signal as PAI spells it; click.BadParameter for what none can be."""
    from dlcapply.errors import UsageError

    try:
        return "" if value is None else signal_name(value)
    except UsageError as error:
        raise click.BadParameter(error.hint) from error


@click.command()
@run_options
@click.option("--all", "every", is_flag=True, help="All runs of this project and environment that go on.")
@click.option("--yes", is_flag=True, help="Do not ask; needed without a terminal.")
@click.option("--dry-run", is_flag=True, help="Show what would be stopped and lost, and stop nothing.")
@click.option(
    "--signal",
    type=word,
    callback=_signal,
    metavar="NAME",
    help="Send this signal first, such as SIGUSR1, so that a checkpoint can be written.",
)
@click.option(
    "--grace",
    type=duration,
    default=None,
    metavar="DURATION",
    help="Longest time to end by itself after the signal, 10m unless said otherwise.",
)
@click.option("--stop-anyway", is_flag=True, help="Stop also where the signal is not known to have come.")
@click.option(
    "--allow-protected",
    type=word,
    multiple=True,
    metavar="NAME",
    help="Consent to stop this job's run, or this JobId, although it is protected; repeatable.",
)
@click.option("--not-ours", is_flag=True, help="Stop runs named by JobId also where others started them.")
@click.option("--no-wait", is_flag=True, help="Do not wait until the runs have stopped.")
@click.option(
    "--wait-timeout",
    type=duration,
    default="10m",
    show_default=True,
    metavar="DURATION",
    help="Longest time to wait until they have; exit 11 after that.",
)
@parallelism_option
@forms_option(*REPORT_FORMS)
@click.pass_obj
def stop(shell: Shell, /, **options: Any) -> ExitCode:
    """Stop the runs of jobs, after a signal if wished.

    NAME is a job's name or a JobId; --select and --all choose among the project's runs that go on. What is
    lost is shown and asked about first; no limit holds a stop back. At the end it is said whether an apply
    starts the job again, and what to do about that.
    """
    from dlcapply.api.acting.meant import StopRequest
    from dlcapply.api.acting.stop import StopOptions
    from dlcapply.cli.printing import parse_outputs
    from dlcapply.cli.stop_steps import Command, run_stop

    outputs = parse_outputs(options["output"], forms=REPORT_FORMS)
    how = pick(StopOptions, {**options, "waits": not options["no_wait"]})
    command = Command(
        pick(StopRequest, options), how, options["yes"], options["dry_run"], options["read_timeout"]
    )
    return run_stop(shell, outputs, command, target=pick(TargetOptions, options))
