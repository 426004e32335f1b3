"""`dlcapply plan`: what apply would do, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dlcapply.cli.choices import Where, Wishes
from dlcapply.cli.command_lines import typed, wished
from dlcapply.cli.options import (
    duration,
    given,
    or_empty,
    output_option,
    pick,
    read_timeout_option,
    where_options,
    wish_options,
)

if TYPE_CHECKING:
    from dlcapply.cli.shell import Shell
    from dlcapply.errors import ExitCode
    from dlcapply.model import Plan


@click.command()
@where_options
@wish_options
@output_option
@click.option(
    "--out",
    type=given,
    callback=or_empty,
    metavar="FILE",
    help="Save the plan, for apply --plan or --approved.",
)
@click.option(
    "--expires", type=duration, default="24h", show_default=True, help="How long a saved plan may be applied."
)
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when changes are pending.")
@click.option("--full", is_flag=True, help="Show unchanged jobs and whole values too.")
@read_timeout_option
@click.pass_obj
def plan(shell: Shell, /, **options: Any) -> ExitCode:
    """Show what apply would do, and why; writes nothing."""
    from dlcapply.cli.connecting import connected
    from dlcapply.cli.exits import plan_exit
    from dlcapply.cli.loading import load_valid
    from dlcapply.cli.planning import check_prune, plan_live
    from dlcapply.cli.printing import JSON, parse_outputs, report, show_error
    from dlcapply.cli.saving import (
        apply_saved_command,
        check_can_be_saved,
        save,
        say_what_it_does_not_approve,
    )
    from dlcapply.errors import DlcapplyError, ExitCode, strongest
    from dlcapply.rendering.json_documents import plan_document, to_json
    from dlcapply.rendering.text.plans import plan_lines

    outputs = parse_outputs(options["output"], beside=[options["out"]])
    where, wishes = pick(Where, options), pick(Wishes, options)
    if options["out"]:
        check_can_be_saved(where)
    loaded, environment = load_valid(where, shell.environ)
    if wishes.prune:
        check_prune(where, loaded, environment)
    with connected(environment, shell, loaded=loaded, read_timeout=options["read_timeout"]) as cloud:
        made, _ = plan_live(loaded, environment, cloud, shell, where=where, wishes=wishes)
    command = apply_command(where, wishes, made) if environment.knows_ours else ""
    is_saved = True
    if options["out"]:
        now, valid_for = shell.clock.now(), options["expires"]
        try:
            save(made, options["out"], where=where, wishes=wishes, now=now, valid_for=valid_for)
            command = apply_saved_command(options["out"], where.var)
            say_what_it_does_not_approve(made, options["out"], shell)
        except DlcapplyError as error:  # the reports are told all the same
            show_error(error, shell)
            is_saved = False
    report(
        outputs,
        shell,
        lines=lambda: plan_lines(made, apply_command=command, full=options["full"]),
        others={JSON: lambda: to_json(plan_document(made))},
    )
    code = plan_exit(made, detailed=options["detailed_exitcode"])
    return code if is_saved else strongest((code, ExitCode.FAILED))


def apply_command(where: Where, wishes: Wishes, made: Plan) -> str:
    """The command that applies exactly this plan."""
    return typed("apply", where, *wished(wishes), "--yes", "--expect", made.digest)
