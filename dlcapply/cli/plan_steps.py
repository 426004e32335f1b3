"""The plan command, step by step: load, plan, save if asked to, report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcapply.api.command_lines import apply_exactly
from dlcapply.api.load import load_target
from dlcapply.api.options import PlanOptions, TargetOptions
from dlcapply.api.plans.plan import check_prune, plan_live
from dlcapply.api.plans.saved import apply_saved_command, check_can_be_saved, not_approved_by, save_plan
from dlcapply.cli.connecting import connected
from dlcapply.cli.exits import plan_exit
from dlcapply.cli.narrowing import check_beside, narrowed
from dlcapply.cli.options.values import pick
from dlcapply.cli.printing import parse_outputs, report, say, show_error
from dlcapply.cli.source_lines import repository_names
from dlcapply.cli.streams import stderr
from dlcapply.errors import DlcapplyError, ExitCode, strongest
from dlcapply.rendering.formats import GITHUB, PLAN_FORMS, TEXT, plan_formats
from dlcapply.rendering.github import plan_annotations
from dlcapply.rendering.plan_documents import plan_document
from dlcapply.rendering.text.plans import plan_lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.api.load import Manifests
    from dlcapply.cli.shell import Shell
    from dlcapply.model.plans import Plan


def run_plan(shell: Shell, options: Mapping[str, Any]) -> ExitCode:
    """The plan was reported, and saved where that was asked for; nothing else is written."""
    file = options["out"]
    outputs = parse_outputs(options["output"], forms=PLAN_FORMS, beside=[file])
    target, chosen = pick(TargetOptions, options), pick(PlanOptions, options)
    if file:
        check_can_be_saved(target)
    check_beside(options["changed"], chosen)
    target, is_empty = narrowed(options["changed"], target, shell)
    manifests = load_target(target, shell.environ, may_be_empty=is_empty)
    if chosen.prune:
        check_prune(manifests)
    with connected(shell, manifests, read_timeout=options["read_timeout"]) as service:
        made = plan_live(manifests, service, chosen).plan
    command = apply_exactly(target, chosen, made.digest) if manifests.environment.knows_ours else ""
    is_saved = bool(file) and _is_saved(made, manifests, chosen, options, shell)
    if is_saved:
        command = apply_saved_command(file, target.var, state_dir=target.state_dir)
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
    return code if is_saved or not file else strongest((code, ExitCode.FAILED))


def _is_saved(
    made: Plan, manifests: Manifests, chosen: PlanOptions, options: Mapping[str, Any], shell: Shell
) -> bool:
    """Whether the plan is in its file now; why it is not has been told, and reports are told all the same."""
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
