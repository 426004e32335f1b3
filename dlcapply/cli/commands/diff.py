"""`dlcapply diff`: what changes between two states of the manifests, offline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dlcapply.api.options import TargetOptions
from dlcapply.cli.options.target import target_options
from dlcapply.cli.options.telling import forms_option, markdown_size_option
from dlcapply.cli.options.values import pick, word
from dlcapply.rendering.formats import REPORT_FORMS

if TYPE_CHECKING:
    from dlcapply.cli.shell import Shell
    from dlcapply.errors import ExitCode
    from dlcapply.model.diffs import StateDiff


@click.command()
@click.argument("ref", type=word)
@target_options
@forms_option(*REPORT_FORMS)
@markdown_size_option
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when anything differs.")
@click.option("--full", is_flag=True, help="Show whole values, and where each is written.")
@click.pass_obj
def diff(shell: Shell, /, **options: Any) -> ExitCode:
    """Show what changes in each job since REF, offline.

    REF is a commit, which the working tree is compared with, or A..B or A...B, as for git diff.
    """
    from dlcapply.api.comparing.diff import diff_states
    from dlcapply.cli.printing import parse_outputs, report
    from dlcapply.cli.source_lines import source_of_files
    from dlcapply.rendering.formats import TEXT, diff_formats
    from dlcapply.rendering.text.diffs import diff_lines

    outputs = parse_outputs(options["output"], forms=REPORT_FORMS)
    made = diff_states(options["ref"], pick(TargetOptions, options), shell.environ)
    report(
        outputs,
        shell,
        formats={
            TEXT: lambda: diff_lines(made, full=options["full"], source=source_of_files()),
            **diff_formats(made, markdown_size=options["markdown_size"]),
        },
    )
    return _exit(made, detailed=options["detailed_exitcode"])


def _exit(made: StateDiff, *, detailed: bool) -> ExitCode:
    """That of validate for what is wrong with the later state; what was wrong before is being mended."""
    from dlcapply.api.validation_exit import findings_exit
    from dlcapply.errors import ExitCode, strongest

    codes = [findings_exit(made.after.findings)]
    if made.after.trouble and not made.after.findings:
        codes.append(ExitCode.FAILED)
    if detailed and not made.is_empty:
        codes.append(ExitCode.PENDING)
    return strongest(codes)
