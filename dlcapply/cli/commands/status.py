"""`dlcapply status`: one row per job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dlcapply.cli.choices import Where
from dlcapply.cli.options import or_empty, output_option, pick, read_timeout_option, where_options, word

if TYPE_CHECKING:
    from dlcapply.cli.shell import Shell
    from dlcapply.errors import ExitCode


@click.command()
@where_options
@output_option
@click.option(
    "--op", type=word, callback=or_empty, metavar="ID", help="Tell what became of this operation of an apply."
)
@read_timeout_option
@click.pass_obj
def status(shell: Shell, /, **options: Any) -> ExitCode:
    """Show the run that counts for each job; PATHS may also be names of jobs."""
    from dlcapply.cli.printing import parse_outputs
    from dlcapply.cli.reporting import show_operation, show_statuses

    outputs = parse_outputs(options["output"])
    where = pick(Where, options)
    if options["op"]:
        return show_operation(
            shell, outputs, where=where, op=options["op"], read_timeout=options["read_timeout"]
        )
    return show_statuses(shell, outputs, where=where, read_timeout=options["read_timeout"])
