"""`dlcapply show`: a saved plan, as it was reviewed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dlcapply.api.options import HIDDEN
from dlcapply.cli.options.telling import color_option, forms_option, markdown_size_option
from dlcapply.cli.options.values import file_name
from dlcapply.rendering.formats import SHOW_FORMS

if TYPE_CHECKING:
    from dlcapply.cli.shell import Shell


@click.command()
@click.argument("file", type=file_name)
@color_option
@forms_option(*SHOW_FORMS)
@markdown_size_option
@click.option("--full", is_flag=True, help="Show unchanged jobs and whole values too.")
@click.pass_obj
def show(shell: Shell, /, **options: Any) -> None:
    """Show a plan that plan --out saved; asks no service."""
    from dlcapply.api.plans.saved import apply_saved_command, open_plan
    from dlcapply.cli.printing import parse_outputs, report
    from dlcapply.rendering.formats import JSON, TEXT, plan_formats
    from dlcapply.rendering.json_documents import to_json
    from dlcapply.rendering.plan_documents import saved_plan_document
    from dlcapply.rendering.text.saved_plans import saved_plan_lines

    outputs, file = parse_outputs(options["output"], forms=SHOW_FORMS), options["file"]
    saved = open_plan(file)
    document = saved_plan_document(saved)
    command = apply_saved_command(file, (f"{name}={HIDDEN}" for name in saved.request.variables))
    report(
        outputs,
        shell,
        formats={
            TEXT: lambda: saved_plan_lines(
                saved, now=shell.clock.now(), apply_command=command, full=options["full"]
            ),
            **plan_formats(document["plan"], markdown_size=options["markdown_size"]),
            JSON: lambda: to_json(document),
        },
    )
