"""`dlcapply status`: one row per job."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from dlcapply.api.options import TargetOptions
from dlcapply.cli.options import (
    forms_option,
    or_empty,
    pick,
    read_timeout_option,
    state_option,
    target_options,
    word,
)

if TYPE_CHECKING:
    from dlcapply.cli.shell import Shell
    from dlcapply.errors import ExitCode


@click.command()
@target_options
@forms_option("text", "json", "markdown (of --unresolved)")
@click.option(
    "--op", type=word, callback=or_empty, metavar="ID", help="Tell what became of this operation of an apply."
)
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

    PATHS may also be names of jobs.
    """
    return _unresolved(shell, options) if options["unresolved"] else _status(shell, options)


def _status(shell: Shell, options: dict[str, Any]) -> ExitCode:
    from dlcapply.api.load import load_target
    from dlcapply.api.status import only
    from dlcapply.api.status import status as rows_of
    from dlcapply.cli.connecting import connected
    from dlcapply.cli.printing import parse_outputs, report, say
    from dlcapply.cli.streams import stderr
    from dlcapply.errors import ExitCode
    from dlcapply.rendering.formats import JSON, TEXT
    from dlcapply.rendering.json_documents import status_document, to_json
    from dlcapply.rendering.text.statuses import status_lines

    outputs, op = parse_outputs(options["output"]), options["op"]
    target = pick(TargetOptions, options)
    target, names = (target, ()) if op else _split(target)
    manifests = load_target(target, shell.environ)
    manifests = only(manifests, names)
    if not op and not manifests.environment.knows_ours:
        warning = "no owner: no run can be told to be yours; --owner NAME says whose runs to show"
        say(stderr(), shell, warning)
    with connected(shell, manifests, read_timeout=options["read_timeout"]) as service:
        rows = rows_of(manifests, service, op=op)
    report(
        outputs,
        shell,
        formats={
            TEXT: lambda: status_lines(rows, now=shell.clock.now()),
            JSON: lambda: to_json(status_document(rows)),
        },
    )
    return ExitCode.OK


def _unresolved(shell: Shell, options: dict[str, Any]) -> ExitCode:
    from dlcapply.api.unresolved import unresolved
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
