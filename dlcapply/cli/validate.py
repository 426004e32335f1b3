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
@click.pass_obj
def validate(shell: Shell, /, **options: Any) -> ExitCode:
    """Check manifests offline; every mistake is reported, at its line."""
    from dlcapply.cli.exits import findings_exit
    from dlcapply.cli.loading import load_manifests
    from dlcapply.cli.printing import JSON, parse_outputs, report
    from dlcapply.rendering.documents import to_json, validate_document
    from dlcapply.rendering.text.findings import validation_lines

    outputs = parse_outputs(options["output"])
    loaded = load_manifests(pick(Where, options), shell.environ, needs_environment=False)
    counts = {"files": loaded.files, "documents": loaded.documents}
    report(
        outputs,
        shell,
        lines=lambda: validation_lines(loaded.findings, **counts),
        others={JSON: lambda: to_json(validate_document(loaded.findings, **counts))},
    )
    return findings_exit(loaded.findings)
