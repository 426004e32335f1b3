"""`dlcapply release`: a run of ours becomes nobody's, and goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dlcapply.cli.choices import Where
from dlcapply.cli.options import job_id_option, pick, read_timeout_option, where_options, word

if TYPE_CHECKING:
    from dlcapply.cli.shell import Shell


@click.command()
@click.argument("name", type=word)
@where_options
@job_id_option
@read_timeout_option
@click.pass_obj
def release(shell: Shell, /, **options: Any) -> None:
    """Leave NAME's run to others: it goes on, and is neither updated, stopped, replaced nor pruned any more.

    The claim goes into dlcapply.claims.yaml, beside dlcapply.yaml, to be reviewed and committed. Nothing is
    sent to PAI.
    """
    from dlcapply.cli.claiming import release_run
    from dlcapply.cli.printing import say
    from dlcapply.cli.streams import stdout

    lines = release_run(
        shell,
        where=pick(Where, options),
        name=options["name"],
        job_id=options["job_id"],
        read_timeout=options["read_timeout"],
    )
    say(stdout(), shell, *lines)
