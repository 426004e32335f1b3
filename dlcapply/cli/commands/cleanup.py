"""`dlcapply cleanup`: ended runs are listed, and deleted where nothing can depend on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dlcapply.api.options import TargetOptions
from dlcapply.cli.options.doing import parallelism_option
from dlcapply.cli.options.target import run_options
from dlcapply.cli.options.telling import output_option
from dlcapply.cli.options.values import duration, pick, word

if TYPE_CHECKING:
    from dlcapply.cli.shell import Shell
    from dlcapply.errors import ExitCode


@click.command()
@run_options
@click.option(
    "--older-than",
    type=duration,
    default="0",
    metavar="DURATION",
    help="Only runs that ended at least so long ago, such as 30d.",
)
@click.option(
    "--status",
    "statuses",
    type=word,
    multiple=True,
    metavar="STATUS[,STATUS]",
    help="Only runs that ended so, such as Failed,Stopped; repeatable.",
)
@click.option("--undeclared", is_flag=True, help="Do not keep the last run of a name that no manifest has.")
@click.option("--delete", is_flag=True, help="Delete the runs that nothing depends on. Without it, list.")
@click.option("--yes", is_flag=True, help="Do not ask; needed without a terminal.")
@parallelism_option
@output_option
@click.pass_obj
def cleanup(shell: Shell, /, **options: Any) -> ExitCode:
    """List ended runs, and delete them with --delete.

    NAME is a job's name or a JobId. Never deleted: the newest run of a name, what its job asks for by its
    present spec and run.token, and what is not for certain this project's own.
    """
    from dlcapply.cli.cleanup_steps import Command, run_cleanup
    from dlcapply.cli.printing import parse_outputs

    return run_cleanup(
        shell,
        parse_outputs(options["output"]),
        pick(Command, options),
        target=pick(TargetOptions, options),
    )
