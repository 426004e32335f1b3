"""`dlcapply adopt`: a run that was created elsewhere becomes the job's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dlcapply.api.options import TargetOptions
from dlcapply.cli.options.target import (
    check_paths,
    job_id_option,
    read_timeout_option,
    state_option,
    target_options,
)
from dlcapply.cli.options.values import pick, text_option, word

if TYPE_CHECKING:
    from dlcapply.cli.shell import Shell


@click.command()
@click.argument("name", type=word)
@target_options
@job_id_option
@text_option(
    "--from",
    "giver",
    metavar="WHOSE",
    help="The other owner, or the origin of the other repository, that the run is taken over from.",
)
@state_option
@read_timeout_option
@click.pass_obj
def adopt(shell: Shell, /, **options: Any) -> None:
    """Count a run that was created elsewhere as NAME's own.

    PAI can't mark a run after its create: the claim goes into dlcapply.claims.yaml, beside dlcapply.yaml, to
    be reviewed and committed. Nothing is sent to PAI.
    """
    from dlcapply.api.acting.claims import adopt as adopt_run
    from dlcapply.api.acting.claims import check_can_claim
    from dlcapply.api.load import load_target
    from dlcapply.cli.connecting import connected
    from dlcapply.cli.printing import say
    from dlcapply.cli.streams import stdout
    from dlcapply.planning.reasons import describe

    target, name = pick(TargetOptions, options), options["name"]
    check_paths(target)
    manifests = load_target(target, shell.environ)
    check_can_claim(manifests)
    with connected(shell, manifests, read_timeout=options["read_timeout"]) as service:
        claimed = adopt_run(manifests, service, name, job_id=options["job_id"], giver=options["giver"])
    done = f"{describe(claimed.run)} is adopted, in {claimed.file}"
    say(stdout(), shell, f"{name}: {done}: commit it, then plan.")
