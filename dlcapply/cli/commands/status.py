"""`dlcapply status`: one row per job."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from dlcapply.api.options import TargetOptions
from dlcapply.cli.options import (
    or_empty,
    output_option,
    pick,
    read_timeout_option,
    state_option,
    target_options,
    word,
)

if TYPE_CHECKING:
    from dlcapply.cli.shell import Shell


@click.command()
@target_options
@output_option
@click.option(
    "--op", type=word, callback=or_empty, metavar="ID", help="Tell what became of this operation of an apply."
)
@state_option
@read_timeout_option
@click.pass_obj
def status(shell: Shell, /, **options: Any) -> None:
    """Show the run that counts for each job.

    PATHS may also be names of jobs.
    """
    from dlcapply.api.connect import connect
    from dlcapply.api.load import load_target
    from dlcapply.api.status import only
    from dlcapply.api.status import status as rows_of
    from dlcapply.cli.printing import parse_outputs, report, say
    from dlcapply.cli.streams import stderr
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
    with connect(manifests, clock=shell.clock, read_timeout=options["read_timeout"]) as service:
        rows = rows_of(manifests, service, op=op)
    report(
        outputs,
        shell,
        formats={
            TEXT: lambda: status_lines(rows, now=shell.clock.now()),
            JSON: lambda: to_json(status_document(rows)),
        },
    )


def _split(target: TargetOptions) -> tuple[TargetOptions, tuple[str, ...]]:
    """The paths among the words, and those that must be names of jobs."""
    from dlcapply.manifest.paths import is_piped

    paths = tuple(word for word in target.paths if is_piped(word) or os.path.exists(word))  # noqa: PTH110
    return replace(target, paths=paths), tuple(word for word in target.paths if word not in paths)
