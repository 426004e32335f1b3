"""`dlcapply logs`: what the pods of a run print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dlcapply.api.options import MOST_TAIL, LogOptions
from dlcapply.cli.options.target import looked_at_option, name_options
from dlcapply.cli.options.values import duration, given, path_name, pick, text_option, word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlcapply.cli.shell import Shell
    from dlcapply.errors import ExitCode

pod_option = click.option(
    "--pod",
    "pods",
    type=word,
    multiple=True,
    metavar="POD",
    help="Only this pod: its id, or what follows the JobId in it, as worker-0; repeatable.",
)
_output_option = click.option(
    "-o",
    "--output",
    multiple=True,
    metavar="FORMAT",
    help="text or json; JSON is a document for each line.",
)
since_option = click.option(
    "--since", type=duration, metavar="DURATION", help="Only of the time since, by the clock of PAI."
)


@click.command()
@looked_at_option
@pod_option
@click.option(
    "--role",
    "roles",
    type=given,
    multiple=True,
    metavar="ROLE",
    help="Only pods of this role, as Worker; repeatable.",
)
@click.option("--follow", is_flag=True, help="Go on until the run has ended; exit 9 if it failed.")
@since_option
@click.option(
    "--tail", type=click.IntRange(0, MOST_TAIL), metavar="N", help="Only the newest lines of each pod."
)
@click.option("--previous", is_flag=True, help="Of the time before the newest restart of each pod.")
@click.option("--timestamps", is_flag=True, help="The time of each line before it, in UTC.")
@text_option(
    "--save",
    type=path_name,
    metavar="DIR",
    help="Write whole logs to files in this folder, one for each pod and restart.",
)
@_output_option
@name_options
@click.pass_obj
def logs(shell: Shell, /, **options: Any) -> ExitCode:
    """Print what the pods of a run print.

    NAME is a job, or a JobId. Without --follow it ends with what was printed so far. Interrupting it stops no
    run.
    """
    from dlcapply.cli.log_steps import LogCommand, run_logs_command

    _check(options)
    command = LogCommand(
        name=options["name"],
        job_id=options["job_id"],
        pods=options["pods"],
        roles=options["roles"],
        follow=options["follow"],
        since=options["since"],
        tail=options["tail"],
        previous=options["previous"],
        timestamps=options["timestamps"],
        save=options["save"],
        form=stream_form(options["output"]),
    )
    return run_logs_command(shell, options, command)


def stream_form(outputs: Sequence[str]) -> str:
    """The one form on stdout; raises UsageError for a file: what may never end goes to a pipe."""
    from dlcapply.cli.printing import parse_outputs
    from dlcapply.errors import UsageError

    if files := [output for output in outputs if "=" in output]:
        raise UsageError(
            f"-o {files[0]}: logs go to stdout", hint="pipe them, or write files with --save DIR"
        )
    return parse_outputs(outputs)[0].form


def _check(options: dict[str, Any]) -> None:
    from dlcapply.errors import UsageError

    pick(LogOptions, options)
    if options["save"] and (options["tail"] is not None or options["since"] is not None):
        raise UsageError(
            "--save writes whole logs", hint="for a part of one: dlcapply logs NAME --tail N > FILE"
        )
