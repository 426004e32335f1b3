"""`dlcapply why`: what happened to a run, what shows it, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dlcapply.api.options import TargetOptions
from dlcapply.cli.options.target import looked_at_option, name_options
from dlcapply.cli.options.telling import forms_option
from dlcapply.cli.options.values import pick

if TYPE_CHECKING:
    from dlcapply.cli.shell import Shell
    from dlcapply.errors import ExitCode


@click.command()
@name_options
@looked_at_option
@forms_option("text", "json", "markdown")
@click.pass_obj
def why(shell: Shell, /, **options: Any) -> ExitCode:
    """Tell why a run waits, failed, was stopped or hangs.

    NAME is a job, whose run under way or newest run is meant, or a JobId.
    """
    from dlcapply.api.diagnosis.why import why as report_of
    from dlcapply.api.load import load_for_runs
    from dlcapply.cli.connecting import connected
    from dlcapply.cli.printing import Fitting, parse_outputs, report
    from dlcapply.errors import ExitCode
    from dlcapply.rendering.formats import JSON, MARKDOWN, REPORT_FORMS, TEXT
    from dlcapply.rendering.json_documents import to_json
    from dlcapply.rendering.markdown.diagnoses import why_markdown
    from dlcapply.rendering.run_documents import why_document
    from dlcapply.rendering.text.diagnoses import why_lines

    outputs = parse_outputs(options["output"], forms=REPORT_FORMS)
    manifests = load_for_runs(pick(TargetOptions, options), shell.environ)
    with connected(shell, manifests, read_timeout=options["read_timeout"]) as service:
        found = report_of(manifests, service, options["name"], job_id=options["job_id"])
    report(
        outputs,
        shell,
        formats={
            TEXT: Fitting(lambda width: why_lines(found, width=width)),
            JSON: lambda: to_json(why_document(found)),
            MARKDOWN: lambda: why_markdown(found),
        },
    )
    return ExitCode.OK
