"""`dlcapply release`: a run of ours becomes nobody's, and goes on."""

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
from dlcapply.cli.options.values import pick, word

if TYPE_CHECKING:
    from dlcapply.cli.shell import Shell


@click.command()
@click.argument("name", type=word)
@target_options
@job_id_option
@state_option
@read_timeout_option
@click.pass_obj
def release(shell: Shell, /, **options: Any) -> None:
    """Leave NAME's run to others: it goes on, and no apply touches it.

    It is neither updated, stopped, replaced nor pruned any more. The claim goes into dlcapply.claims.yaml,
    beside dlcapply.yaml, to be reviewed and committed. Nothing is sent to PAI.
    """
    from dlcapply.api.acting.claims import check_can_claim
    from dlcapply.api.acting.claims import release as release_run
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
        claimed = release_run(manifests, service, name, job_id=options["job_id"])
    done = f"{describe(claimed.run)} is released, in {claimed.file}"
    lines = [f"{name}: {done}: commit it. It goes on, and no apply touches it."]
    if name in {job.name for job in manifests.jobs}:
        lines.append(f"A manifest declares {name}: until that run has ended, plans are blocked.")
    say(stdout(), shell, *lines)
