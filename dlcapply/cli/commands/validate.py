"""`dlcapply validate`: what is wrong with the manifests, offline."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from dlcapply.api.options import TargetOptions
from dlcapply.cli.options.doing import changed_option
from dlcapply.cli.options.target import target_options
from dlcapply.cli.options.telling import forms_option, markdown_size_option
from dlcapply.cli.options.values import pick
from dlcapply.rendering.formats import FINDING_FORMATS

if TYPE_CHECKING:
    from dlcapply.cli.shell import Shell
    from dlcapply.errors import ExitCode


@click.command()
@target_options
@changed_option
@forms_option(*FINDING_FORMATS)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning"]),
    default="error",
    show_default=True,
    help="The least level that makes the exit code 4.",
)
@markdown_size_option
@click.option("-q", "--quiet", is_flag=True, help="Print findings only: nothing where there are none.")
@click.pass_obj
def validate(shell: Shell, /, **options: Any) -> ExitCode:
    """Check manifests offline; every mistake is reported, at its line."""
    from dlcapply.api.validate import validate_target
    from dlcapply.api.validation_exit import findings_exit
    from dlcapply.cli.narrowing import narrowed
    from dlcapply.cli.printing import parse_outputs, report
    from dlcapply.cli.source_lines import repository_names, source_of_files
    from dlcapply.model.findings import Level
    from dlcapply.rendering.findings_report import FindingsReport

    outputs = parse_outputs(options["output"], forms=tuple(FINDING_FORMATS))
    fail_on = Level(options["fail_on"])
    target, is_empty = narrowed(options["changed"], pick(TargetOptions, options), shell)
    checked = validate_target(target, shell.environ, may_be_empty=is_empty)
    found = FindingsReport(
        checked.findings,
        checked.waived,
        checked.looked_at,
        checked.files,
        checked.documents,
        name_of=repository_names(),
        source=source_of_files(),
        fail_on=fail_on,
        quiet=options["quiet"],
        markdown_size=options["markdown_size"],
    )
    report(outputs, shell, formats={name: partial(write, found) for name, write in FINDING_FORMATS.items()})
    return findings_exit(checked.findings, fail_on=fail_on)
