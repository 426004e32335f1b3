"""`dlcapply queue`: who runs on each quota, who waits for it, and in which place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dlcapply.api.options import TargetOptions
from dlcapply.cli.options.target import quota_options
from dlcapply.cli.options.telling import output_option
from dlcapply.cli.options.values import pick

if TYPE_CHECKING:
    from dlcapply.cli.shell import Shell


@click.command()
@quota_options
@click.option("--all", "full", is_flag=True, help="Every row of long queues.")
@output_option
@click.pass_obj
def queue(shell: Shell, /, **options: Any) -> None:
    """Show what is free of each quota, who waits, and where ours are.

    Without QUOTA, of all quotas of the workspace and of the manifests. It asks PaiStudio (RAM actions
    pai:ListQuotas and pai:ListQuotaWorkloads); who may not, sees what ListJobs shows, which is less.
    """
    from dlcapply.api.inspecting.queues import queues
    from dlcapply.api.load import load_for_runs
    from dlcapply.cli.connecting import connected
    from dlcapply.cli.printing import Fitting, parse_outputs, report
    from dlcapply.rendering.formats import JSON, TEXT
    from dlcapply.rendering.inspection_documents import queues_document
    from dlcapply.rendering.json_documents import to_json
    from dlcapply.rendering.text.queues import queues_lines

    outputs = parse_outputs(options["output"])
    manifests = load_for_runs(pick(TargetOptions, options), shell.environ)
    with connected(shell, manifests, read_timeout=options["read_timeout"]) as service:
        found = queues(manifests, service, options["quotas"])
    report(
        outputs,
        shell,
        formats={
            TEXT: Fitting(lambda width: queues_lines(found, width=width, full=options["full"])),
            JSON: lambda: to_json(queues_document(found)),
        },
    )
