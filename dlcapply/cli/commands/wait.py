"""`dlcapply wait`: follow runs that are there, and say how they ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dlcapply.api.options import MILESTONES, TargetOptions
from dlcapply.cli.options.doing import (
    follow_logs_option,
    image_pull_timeout_option,
    on_timeout_option,
)
from dlcapply.cli.options.target import run_options
from dlcapply.cli.options.telling import forms_option
from dlcapply.cli.options.values import duration, pick

if TYPE_CHECKING:
    from dlcapply.cli.shell import Shell
    from dlcapply.errors import ExitCode


@click.command()
@run_options
@click.option(
    "--for",
    "until",
    type=click.Choice(MILESTONES),
    default="finished",
    show_default=True,
    help="How far the runs are followed.",
)
@click.option("--timeout", type=duration, default=None, help="Longest wait; without it, as long as it takes.")
@on_timeout_option
@image_pull_timeout_option
@follow_logs_option
@forms_option("text", "json")
@click.pass_obj
def wait(shell: Shell, /, **options: Any) -> ExitCode:
    """Wait for runs, and say how they ended.

    NAMES are those of jobs, or JobIds. Exit 9 if a run failed, now or before, 11 if one was not done in time.
    Whoever interrupts the wait stops no run.
    """
    from dlcapply.api.options import WaitOptions
    from dlcapply.cli.printing import parse_outputs
    from dlcapply.cli.wait_steps import run_wait

    return run_wait(
        shell,
        parse_outputs(options["output"]),
        options["names"],
        target=pick(TargetOptions, options),
        options=pick(WaitOptions, options),
        read_timeout=options["read_timeout"],
    )
