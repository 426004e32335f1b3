"""`dlcapply rerun`: another run.token in the job's manifest, to be reviewed and applied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dlcapply.api.options import TargetOptions
from dlcapply.cli.options.target import run_options
from dlcapply.cli.options.telling import output_option
from dlcapply.cli.options.values import pick

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dlcapply.api.acting.rerun import Reruns
    from dlcapply.api.load import Manifests
    from dlcapply.cli.printing import Output
    from dlcapply.cli.shell import Shell
    from dlcapply.errors import ExitCode
    from dlcapply.model.plans import Plan
    from dlcapply.rendering.rows.where import Where


@click.command()
@run_options
@output_option
@click.option("--offline", is_flag=True, help="Ask PAI nothing: the token may be one that a run had.")
@click.option("--dry-run", is_flag=True, help="Show the change, and write nothing.")
@click.pass_obj
def rerun(shell: Shell, /, **options: Any) -> ExitCode:
    """Write a new run.token into a job's manifest.

    Comments, quotes and layout stay. Nothing is sent to PAI but reads: the change is to be reviewed and
    applied like any other, and starts a new, paid run then.
    """
    from dlcapply.api.acting.rerun import jobs_to_rerun, reruns, write_tokens
    from dlcapply.api.where import where_of
    from dlcapply.cli.printing import parse_outputs
    from dlcapply.errors import ExitCode

    outputs = parse_outputs(options["output"])
    target, names = pick(TargetOptions, options), options["names"]
    manifests = jobs_to_rerun(target, shell.environ, names)
    if options["offline"]:
        asked, made = reruns(manifests, names, taken={}, today=shell.clock.now().date()), None
        where = where_of(manifests.environment)
    else:
        asked, made, where = _compared(shell, manifests, names, read_timeout=options["read_timeout"])
    if not options["dry_run"]:
        write_tokens(asked)
    _tell(shell, outputs, asked, made, where, written=not options["dry_run"])
    return ExitCode.OK


def _compared(
    shell: Shell, manifests: Manifests, names: Sequence[str], *, read_timeout: float
) -> tuple[Reruns, Plan, Where]:
    """The tokens that no run has, the plan with them, and where; all is read before anything is written."""
    from dlcapply.api.acting.rerun import plan_of, reruns, tokens_taken
    from dlcapply.api.where import where_of
    from dlcapply.cli.connecting import connected

    with connected(shell, manifests, read_timeout=read_timeout) as service:
        taken = tokens_taken(manifests, service, names)
        now = service.now()
        asked = reruns(manifests, names, taken=taken, today=now.date() if now else None)
        return asked, plan_of(asked, service), where_of(manifests.environment, service)


def _tell(
    shell: Shell, outputs: Sequence[Output], asked: Reruns, made: Plan | None, where: Where, *, written: bool
) -> None:
    from dlcapply.cli.printing import report
    from dlcapply.rendering.action_documents import rerun_document
    from dlcapply.rendering.formats import JSON, TEXT
    from dlcapply.rendering.json_documents import to_json
    from dlcapply.rendering.text.lines import line, sections
    from dlcapply.rendering.text.plans import plan_lines
    from dlcapply.rendering.text.reruns import rerun_lines

    changes = made.changes if made else None
    report(
        outputs,
        shell,
        formats={
            TEXT: lambda: sections(
                rerun_lines(asked.tokens, asked.files, written=written),
                [line("A plan of it says now:")] if made else [],
                plan_lines(made, full=True) if made else [],
                map(line, _what_follows(asked, written=written)),
            ),
            JSON: lambda: to_json(rerun_document(where, asked.tokens, changes, written=written)),
        },
    )


def _what_follows(asked: Reruns, *, written: bool) -> Iterator[str]:
    from dlcapply.api.acting.rerun import environments_of
    from dlcapply.api.command_lines import typed

    environments = environments_of(asked)
    if len(environments) > 1:
        yield f"The token counts in every environment that applies it: {', '.join(environments)}."
    if written:
        plan = typed("plan", asked.manifests.target)
        yield f"Nothing runs yet: review and commit the change, then {plan}. A new run is paid for."
