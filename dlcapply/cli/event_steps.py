"""The events command, step by step: find the run, show what happened, or go on as it happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.api.events import event_rows, run_events
from dlcapply.api.load import load_for_runs
from dlcapply.api.logs import mask_of
from dlcapply.api.named_runs import named_run
from dlcapply.api.where import where_of
from dlcapply.cli.connecting import connected
from dlcapply.cli.log_output import LogPrinter
from dlcapply.cli.printing import Output, report, say, show
from dlcapply.cli.streams import stderr, stdout
from dlcapply.errors import ExitCode
from dlcapply.rendering.formats import JSON, TEXT
from dlcapply.rendering.json_documents import events_document, to_json
from dlcapply.rendering.text.logs import event_lines, run_line
from dlcapply.rendering.text.where import where_line

if TYPE_CHECKING:
    from dlcapply.api.load import Manifests
    from dlcapply.api.logs import LogStream
    from dlcapply.api.named_runs import NamedRun
    from dlcapply.api.options import TargetOptions
    from dlcapply.cli.shell import Shell


@dataclass(frozen=True, slots=True)
class EventCommand:
    """What the options of the command ask for, but for where the run is."""

    name: str
    job_id: str
    pods: tuple[str, ...]
    follow: bool
    since: float | None
    tail: int | None
    outputs: tuple[Output, ...]
    read_timeout: float


def run_events_command(shell: Shell, target: TargetOptions, command: EventCommand) -> ExitCode:
    """The events are shown, as far as they can be read."""
    manifests = load_for_runs(target, shell.environ)
    with connected(shell, manifests, read_timeout=command.read_timeout) as service:
        named = named_run(manifests, service, command.name, job_id=command.job_id)
        stream = run_events(
            service,
            named.run.job_id,
            pods=command.pods,
            since=command.since,
            tell=lambda text: say(stderr(), shell, text),
        )
        if command.follow:
            _follow(shell, command, manifests, named, stream)
        else:
            _report(shell, command, manifests, named, stream)
    if stream.missing:
        some = ", ".join(sorted(stream.missing))
        say(stderr(), shell, f"not all events could be read of {some}")
    return ExitCode.FAILED if stream.missing else ExitCode.OK


def _report(
    shell: Shell, command: EventCommand, manifests: Manifests, named: NamedRun, stream: LogStream
) -> None:
    where = where_of(manifests.environment)
    rows = event_rows(stream)
    rows = rows if command.tail is None else rows[len(rows) - min(command.tail, len(rows)) :]
    head = [where_line(where), run_line(named.name, stream.run, named.ownership)]
    report(
        command.outputs,
        shell,
        formats={
            TEXT: lambda: [*head, *event_lines(rows)],
            JSON: lambda: to_json(events_document(named.name, stream.run, where, rows)),
        },
    )


def _follow(
    shell: Shell, command: EventCommand, manifests: Manifests, named: NamedRun, stream: LogStream
) -> None:
    head = [where_line(where_of(manifests.environment)), run_line(named.name, stream.run, named.ownership)]
    show(head, stderr(), shell)
    as_json = command.outputs[0].form == JSON
    printer = LogPrinter(shell, mask_of(stream.run), as_json=as_json, timestamps=True)
    for batch in stream.follow():
        if not printer.put(batch) or stdout().failure:
            return
