"""`dlcapply status`: one row per job, or per run."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from dlcapply.api.options import MOST_LIMIT, TargetOptions
from dlcapply.cli.options.target import read_timeout_option, state_option, target_options
from dlcapply.cli.options.telling import forms_option
from dlcapply.cli.options.values import duration, pick, text_option

if TYPE_CHECKING:
    from dlcapply.cli.shell import Shell
    from dlcapply.errors import ExitCode


@click.command()
@target_options
@forms_option("text", "json", "markdown")
@click.option("--all", is_flag=True, help="Every run of the workspace, whoever's it is, newest first.")
@click.option("--unmanaged", is_flag=True, help="The active runs that no manifest declares.")
@click.option(
    "--limit",
    type=click.IntRange(1, MOST_LIMIT),
    default=100,
    show_default=True,
    metavar="N",
    help="Most runs of a workspace that have ended.",
)
@click.option("--watch", is_flag=True, help="Go on showing it until interrupted; stops nothing.")
@click.option(
    "--interval",
    type=duration,
    default="5s",
    show_default=True,
    metavar="DURATION",
    help="Time between two looks of --watch.",
)
@click.option("--exit-code", is_flag=True, help="Exit 9 if the newest run of a shown job failed.")
@text_option("--op", metavar="ID", help="Tell what became of this operation of an apply.")
@click.option(
    "--unresolved",
    is_flag=True,
    help="Tell, from the journal alone, of which writes nobody knows what became; exit 8 if any.",
)
@state_option
@read_timeout_option
@click.pass_obj
def status(shell: Shell, /, **options: Any) -> ExitCode:
    """Show the run that counts for each job.

    PATHS may also be names of jobs, or JobIds. Without manifests, the runs of the workspace are shown.
    """
    if options["unresolved"]:
        return _unresolved(shell, options)
    from dlcapply.cli.status_steps import run_status

    target, words = _split(pick(TargetOptions, options))
    return run_status(shell, target, words, options)


def _unresolved(shell: Shell, options: dict[str, Any]) -> ExitCode:
    from dlcapply.api.status.unresolved import unresolved
    from dlcapply.cli.printing import parse_outputs, report
    from dlcapply.errors import ExitCode, UsageError
    from dlcapply.rendering.formats import JSON, MARKDOWN, REPORT_FORMS, TEXT
    from dlcapply.rendering.json_documents import to_json, unresolved_document
    from dlcapply.rendering.markdown.unresolved import unresolved_markdown
    from dlcapply.rendering.text.unresolved import unresolved_lines

    if options["op"]:
        raise UsageError("--op asks for one operation, and --unresolved for all without an outcome")
    outputs = parse_outputs(options["output"], forms=REPORT_FORMS)
    found = unresolved(pick(TargetOptions, options), shell.environ, clock=shell.clock)
    report(
        outputs,
        shell,
        formats={
            TEXT: lambda: unresolved_lines(found, now=shell.clock.now()),
            JSON: lambda: to_json(unresolved_document(found)),
            MARKDOWN: lambda: unresolved_markdown(found),
        },
    )
    return ExitCode.UNKNOWN if found.rows else ExitCode.OK


def _split(target: TargetOptions) -> tuple[TargetOptions, tuple[str, ...]]:
    """The paths among the words, and those that must be names of jobs."""
    from dlcapply.manifest.paths import is_piped

    paths = tuple(word for word in target.paths if is_piped(word) or os.path.exists(word))  # noqa: PTH110
    return replace(target, paths=paths), tuple(word for word in target.paths if word not in paths)
