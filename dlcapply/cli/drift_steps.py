"""`dlcapply plan --drift`: read, compare, tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcapply.api.load import load_target
from dlcapply.api.options import PlanOptions, TargetOptions
from dlcapply.api.status.drift import check_alone, drift
from dlcapply.cli.connecting import connected
from dlcapply.cli.options.values import pick
from dlcapply.cli.printing import parse_outputs, report
from dlcapply.errors import ExitCode
from dlcapply.rendering.formats import JSON, MARKDOWN, REPORT_FORMS, TEXT
from dlcapply.rendering.json_documents import to_json
from dlcapply.rendering.markdown.drift import drift_markdown
from dlcapply.rendering.markdown.fitting import SIZES
from dlcapply.rendering.plan_documents import drift_document
from dlcapply.rendering.text.drift import drift_lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.cli.shell import Shell


def run_drift(shell: Shell, options: Mapping[str, Any]) -> ExitCode:
    """The drift has been told; with --detailed-exitcode the code says whether there is any."""
    check_alone(pick(PlanOptions, options), out=options["out"], changed=options["changed"])
    outputs = parse_outputs(options["output"], forms=REPORT_FORMS)
    manifests = load_target(pick(TargetOptions, options), shell.environ)
    with connected(shell, manifests, read_timeout=options["read_timeout"]) as service:
        found = drift(manifests, service)
    report(
        outputs,
        shell,
        formats={
            TEXT: lambda: drift_lines(found),
            JSON: lambda: to_json(drift_document(found)),
            MARKDOWN: lambda: drift_markdown(found, size=SIZES[options["markdown_size"]]),
        },
    )
    return ExitCode.PENDING if options["detailed_exitcode"] and found.proven else ExitCode.OK
