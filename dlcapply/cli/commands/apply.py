"""`dlcapply apply`: plan again, ask, carry out, follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dlcapply.api.options import (
    AT_A_TIME,
    MILESTONES,
    MOST_AT_A_TIME,
    ApplyOptions,
    PlanOptions,
    TargetOptions,
    waits_for,
)
from dlcapply.cli.options.doing import (
    changed_option,
    image_pull_timeout_option,
    on_timeout_option,
    plan_options,
)
from dlcapply.cli.options.target import read_timeout_option, state_option, target_options
from dlcapply.cli.options.telling import forms_option, markdown_size_option
from dlcapply.cli.options.values import duration, given, path_name, pick, text_option
from dlcapply.rendering.formats import APPLY_FORMS

if TYPE_CHECKING:
    from dlcapply.cli.shell import Shell
    from dlcapply.errors import ExitCode


@click.command()
@target_options
@plan_options
@changed_option
@forms_option(*APPLY_FORMS)
@markdown_size_option
@click.option("--yes", is_flag=True, help="Do not ask; needed without a terminal.")
@text_option(
    "--plan",
    type=given,
    metavar="FILE",
    help="Apply this saved plan, if it still is the plan.",
)
@text_option("--expect", metavar="DIGEST", help="Refuse unless the plan has this digest.")
@click.option(
    "--approved",
    type=path_name,
    multiple=True,
    metavar="PLAN",
    help="Carry out only what this saved plan, or those of this folder, contain; repeatable.",
)
@click.option(
    "--parallelism",
    type=click.IntRange(1, MOST_AT_A_TIME),
    default=AT_A_TIME,
    show_default=True,
    help="Changes at a time.",
)
@click.option("--fail-fast", is_flag=True, help="Begin nothing new after the first failure.")
@click.option(
    "--settle",
    type=duration,
    default="90s",
    show_default=True,
    help="How long a run may take to be listed.",
)
@click.option(
    "--journal-lost",
    is_flag=True,
    help="Create nothing before --settle has passed: an earlier apply's journal is missing.",
)
@click.option(
    "--wait",
    default=None,
    metavar="[=accepted|running|finished]",
    type=click.Choice(MILESTONES),
    help="Follow the runs, without a value to their end; exit 9 if one failed, now or before.",
)
@click.option(
    "--wait-timeout", type=duration, default=None, help="Longest wait; without it, as long as it takes."
)
@on_timeout_option
@image_pull_timeout_option
@click.option(
    "--logs", is_flag=True, help="Print on standard error what the runs print; implies --wait, to their end."
)
@click.option("--full", is_flag=True, help="Show unchanged jobs and whole values too.")
@state_option
@read_timeout_option
@click.pass_obj
def apply(shell: Shell, /, **options: Any) -> ExitCode:
    """Create, update and stop runs until they are as declared."""
    from dlcapply.cli.apply_steps import Command, run_apply
    from dlcapply.cli.printing import parse_outputs

    options["wait"] = waits_for(options["wait"], logs=options["logs"])
    return run_apply(
        shell,
        parse_outputs(options["output"], forms=APPLY_FORMS),
        pick(Command, options),
        target=pick(TargetOptions, options),
        chosen=pick(PlanOptions, options),
        options=pick(ApplyOptions, options),
    )
