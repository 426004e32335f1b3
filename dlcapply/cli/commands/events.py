"""`dlcapply events`: what happened to a run and its pods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dlcapply.cli.commands.logs import pod_option, since_option
from dlcapply.cli.options.target import looked_at_option, name_options
from dlcapply.cli.options.telling import output_option

if TYPE_CHECKING:
    from dlcapply.cli.shell import Shell
    from dlcapply.errors import ExitCode


@click.command()
@looked_at_option
@pod_option
@click.option("--follow", is_flag=True, help="Go on, event by event, until the run has ended.")
@since_option
@click.option("--tail", type=click.IntRange(0), metavar="N", help="Only the newest.")
@output_option
@name_options
@click.pass_obj
def events(shell: Shell, /, **options: Any) -> ExitCode:
    """Show what happened to a run and its pods.

    NAME is a job, or a JobId. The newest event is the last; what happened several times is counted.
    """
    from dlcapply.cli.event_steps import EventCommand, run_events_command
    from dlcapply.cli.printing import parse_outputs
    from dlcapply.errors import UsageError

    outputs = parse_outputs(options["output"])
    if options["follow"] and (options["tail"] is not None or len(outputs) > 1):
        raise UsageError("--follow goes on for as long as the run does: it has no --tail, and no file")
    command = EventCommand(
        pods=options["pods"],
        follow=options["follow"],
        since=options["since"],
        tail=options["tail"],
        outputs=outputs,
    )
    return run_events_command(shell, options, command)
