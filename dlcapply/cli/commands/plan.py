"""`dlcapply plan`: what apply would do, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dlcapply.api.options import PlanOptions, TargetOptions
from dlcapply.cli.options.doing import changed_option, plan_options
from dlcapply.cli.options.target import read_timeout_option, state_option, target_options
from dlcapply.cli.options.telling import forms_option, markdown_size_option
from dlcapply.cli.options.values import duration, given, pick, text_option
from dlcapply.rendering.formats import PLAN_FORMS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.api.load import Manifests
    from dlcapply.cli.shell import Shell
    from dlcapply.errors import ExitCode
    from dlcapply.model.plans import Plan


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
    from dlcapply.api.command_lines import apply_exactly
    from dlcapply.api.load import load_target
    from dlcapply.api.plans.plan import check_prune, plan_live
    from dlcapply.api.plans.saved import apply_saved_command, check_can_be_saved
    from dlcapply.cli.connecting import connected
    from dlcapply.cli.exits import plan_exit
    from dlcapply.cli.narrowing import check_beside, narrowed
    from dlcapply.cli.printing import parse_outputs, report
    from dlcapply.cli.source_lines import repository_names
    from dlcapply.errors import ExitCode, strongest
    from dlcapply.rendering.formats import GITHUB, TEXT, plan_formats
    from dlcapply.rendering.github import plan_annotations
    from dlcapply.rendering.plan_documents import plan_document
    from dlcapply.rendering.text.plans import plan_lines

    outputs = parse_outputs(options["output"], forms=PLAN_FORMS, beside=[options["out"]])
    target, chosen = pick(TargetOptions, options), pick(PlanOptions, options)
    if options["out"]:
        check_can_be_saved(target)
    check_beside(options["changed"], chosen)
    target, is_empty = narrowed(options["changed"], target, shell)
    manifests = load_target(target, shell.environ, may_be_empty=is_empty)
    if chosen.prune:
        check_prune(manifests)
    with connected(shell, manifests, read_timeout=options["read_timeout"]) as service:
        made = plan_live(manifests, service, chosen).plan
    command = apply_exactly(target, chosen, made.digest) if manifests.environment.knows_ours else ""
    is_saved = True
    if options["out"]:
        is_saved = _save(made, manifests, chosen, options, shell)
        if is_saved:
            command = apply_saved_command(options["out"], target.var, state_dir=target.state_dir)
    report(
        outputs,
        shell,
        formats={
            TEXT: lambda: plan_lines(made, apply_command=command, full=options["full"]),
            **plan_formats(plan_document(made), markdown_size=options["markdown_size"]),
            GITHUB: lambda: plan_annotations(made, name_of=repository_names()),
        },
    )
    code = plan_exit(made, detailed=options["detailed_exitcode"])
    return code if is_saved else strongest((code, ExitCode.FAILED))


def _save(
    made: Plan, manifests: Manifests, chosen: PlanOptions, options: Mapping[str, Any], shell: Shell
) -> bool:
    """Whether the plan is in its file; why it is not has been told, and the reports are told all the same."""
    from dlcapply.api.plans.saved import not_approved_by, save_plan
    from dlcapply.cli.printing import say, show_error
    from dlcapply.cli.streams import stderr
    from dlcapply.errors import DlcapplyError

    file, preflight = options["out"], not chosen.no_preflight
    now, valid_for = shell.clock.now(), options["expires"]
    try:
        save_plan(made, file, manifests, preflight=preflight, valid_for=valid_for, now=now)
    except DlcapplyError as error:
        show_error(error, shell)
        return False
    if less := not_approved_by(made, file):
        say(stderr(), shell, less)
    return True
