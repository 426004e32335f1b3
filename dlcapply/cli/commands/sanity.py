"""`dlcapply sanity`: what the checks of a run's hardware found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dlcapply.cli.options.target import looked_at_option, name_options
from dlcapply.cli.options.telling import output_option

if TYPE_CHECKING:
    from dlcapply.cli.shell import Shell


@click.command()
@name_options
@looked_at_option
@output_option
@click.pass_obj
def sanity(shell: Shell, /, **options: Any) -> None:
    """Show what checks of the hardware of NAME's run found.

    A row for each phase of each check, with PAI's message and the nodes that it names. NAME is a job's, or a
    JobId.
    """
    from dlcapply.api.inspecting.sanity import checked
    from dlcapply.cli.connecting import found_run
    from dlcapply.cli.printing import Fitting, parse_outputs, report
    from dlcapply.rendering.formats import JSON, TEXT
    from dlcapply.rendering.inspection_documents import sanity_document
    from dlcapply.rendering.json_documents import to_json
    from dlcapply.rendering.text.checks import checks_lines

    outputs = parse_outputs(options["output"])
    with found_run(shell, options) as of:
        found = checked(of.manifests, of.service, of.named)
    report(
        outputs,
        shell,
        formats={
            TEXT: Fitting(lambda width: checks_lines(found, width=width)),
            JSON: lambda: to_json(sanity_document(found)),
        },
    )
