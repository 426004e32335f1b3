"""`dlcapply plan`: what apply would do, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dlcapply.cli.options.doing import changed_option, plan_options
from dlcapply.cli.options.target import read_timeout_option, state_option, target_options
from dlcapply.cli.options.telling import forms_option, markdown_size_option
from dlcapply.cli.options.values import duration, given, text_option
from dlcapply.rendering.formats import PLAN_FORMS

if TYPE_CHECKING:
    from dlcapply.cli.shell import Shell
    from dlcapply.errors import ExitCode


@click.command()
@target_options
@plan_options
@changed_option
@forms_option(*PLAN_FORMS)
@markdown_size_option
@text_option(
    "--out",
    type=given,
    metavar="FILE",
    help="Save the plan, for apply --plan or --approved.",
)
@click.option(
    "--expires", type=duration, default="24h", show_default=True, help="How long a saved plan may be applied."
)
@click.option(
    "--drift",
    is_flag=True,
    help="Show only what changed on the service, and by no manifest; nothing of it is ever applied.",
)
@click.option(
    "--detailed-exitcode",
    is_flag=True,
    help="Exit 2 when changes are pending, or with --drift when there is any.",
)
@click.option("--full", is_flag=True, help="Show unchanged jobs and whole values too.")
@state_option
@read_timeout_option
@click.pass_obj
def plan(shell: Shell, /, **options: Any) -> ExitCode:
    """Show what apply would do, and why; writes nothing."""
    if options["drift"]:
        from dlcapply.cli.drift_steps import run_drift

        return run_drift(shell, options)
    from dlcapply.cli.plan_steps import run_plan

    return run_plan(shell, options)
