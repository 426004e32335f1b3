"""`dlcapply adopt`: a run that was created elsewhere becomes the job's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dlcapply.cli.choices import Where
from dlcapply.cli.options import job_id_option, or_empty, pick, read_timeout_option, where_options, word

if TYPE_CHECKING:
    from dlcapply.cli.shell import Shell


@click.command()
@click.argument("name", type=word)
@where_options
@job_id_option
@click.option(
    "--from",
    "giver",
    type=word,
    callback=or_empty,
    metavar="WHOSE",
    help="The other owner, or the origin of the other repository, that the run is taken over from.",
)
@read_timeout_option
@click.pass_obj
def adopt(shell: Shell, /, **options: Any) -> None:
    """Count a run that was created elsewhere as NAME's own.

    PAI can't mark a run after its create: the claim goes into dlcapply.claims.yaml, beside dlcapply.yaml, to
    be reviewed and committed. Nothing is sent to PAI.
    """
    from dlcapply.cli.claiming import adopt_run
    from dlcapply.cli.printing import say
    from dlcapply.cli.streams import stdout

    lines = adopt_run(
        shell,
        where=pick(Where, options),
        name=options["name"],
        job_id=options["job_id"],
        giver=options["giver"],
        read_timeout=options["read_timeout"],
    )
    say(stdout(), shell, *lines)
