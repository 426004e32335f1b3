"""`dlcapply validate`: what is wrong with the manifests, offline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dlcapply.cli.options import Where, output_option, pick, where_options

if TYPE_CHECKING:
    from dlcapply.cli.shell import Shell
    from dlcapply.errors import ExitCode


@click.command()
@where_options
@output_option
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning"]),
    default="error",
    show_default=True,
    help="The least level that makes the exit code 4.",
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing where nothing is found.")
@click.pass_obj
def validate(shell: Shell, /, **options: Any) -> ExitCode:
    """Check manifests offline; every mistake is reported, at its line.

    -o also takes github: annotations in the log of a workflow.
    """
    from dlcapply.cli.exits import findings_exit
    from dlcapply.cli.loading import load_manifests
    from dlcapply.cli.printing import GITHUB, JSON, TEXT, parse_outputs, report
    from dlcapply.model import Level
    from dlcapply.rendering.documents import to_json, validate_document
    from dlcapply.rendering.github import github_text
    from dlcapply.rendering.text.findings import validation_lines

    outputs = parse_outputs(options["output"], forms=(TEXT, JSON, GITHUB))
    loaded = load_manifests(pick(Where, options), shell.environ, needs_environment=False)
    counts = {"files": loaded.files, "documents": loaded.documents}
    silent = options["quiet"] and not loaded.findings
    report(
        outputs,
        shell,
        lines=lambda: [] if silent else validation_lines(loaded.findings, **counts),
        others={
            JSON: lambda: to_json(validate_document(loaded.findings, **counts)),
            GITHUB: lambda: github_text(loaded.findings),
        },
    )
    return findings_exit(loaded.findings, fail_on=Level(options["fail_on"]))
