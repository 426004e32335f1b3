"""`dlcapply history`: all runs of a job, and what changed from each to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dlcapply.api.options import TargetOptions
from dlcapply.cli.options.target import name_options
from dlcapply.cli.options.telling import forms_option, markdown_size_option
from dlcapply.cli.options.values import pick
from dlcapply.rendering.formats import REPORT_FORMS

if TYPE_CHECKING:
    from dlcapply.cli.shell import Shell
    from dlcapply.errors import ExitCode


@click.command()
@name_options
@forms_option(*REPORT_FORMS)
@markdown_size_option
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many runs at most."
)
@click.option("--all", "all_owners", is_flag=True, help="Runs of the name that are not ours, too.")
@click.option("--full", is_flag=True, help="Show all that changed, with whole values.")
@click.pass_obj
def history(shell: Shell, /, *, name: str, **options: Any) -> ExitCode:
    """Show all runs of a job, and what changed between them.

    They are told newest first, each compared with the one before it.

    NAME is a job's, or the JobId of one of its runs.
    """
    from dlcapply.api.history.history import history as history_of
    from dlcapply.api.load import load_for_runs
    from dlcapply.cli.connecting import connected
    from dlcapply.cli.printing import Fitting, parse_outputs, report
    from dlcapply.errors import ExitCode
    from dlcapply.rendering.formats import JSON, MARKDOWN, TEXT
    from dlcapply.rendering.json_documents import to_json
    from dlcapply.rendering.markdown.fitting import SIZES
    from dlcapply.rendering.markdown.histories import history_markdown
    from dlcapply.rendering.run_documents import history_document
    from dlcapply.rendering.text.histories import history_lines

    outputs = parse_outputs(options["output"], forms=REPORT_FORMS)
    manifests = load_for_runs(pick(TargetOptions, options), shell.environ)
    with connected(shell, manifests, read_timeout=options["read_timeout"]) as service:
        found = history_of(manifests, service, name, limit=options["limit"], all_owners=options["all_owners"])
    report(
        outputs,
        shell,
        formats={
            TEXT: Fitting(lambda width: history_lines(found, width=width, full=options["full"])),
            JSON: lambda: to_json(history_document(found)),
            MARKDOWN: lambda: history_markdown(found, size=SIZES[options["markdown_size"]]),
        },
    )
    return ExitCode.OK
