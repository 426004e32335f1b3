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
from dlcapply.cli.patience import Patience
from dlcapply.cli.printing import Fitting, Output, report, say, show
from dlcapply.cli.signals import ended_in_order
from dlcapply.cli.streams import stderr
from dlcapply.errors import ExitCode
from dlcapply.rendering.formats import JSON, TEXT
from dlcapply.rendering.json_documents import to_json
from dlcapply.rendering.run_documents import events_document
from dlcapply.rendering.text.logs import event_lines, run_line
from dlcapply.rendering.text.where import where_line

if TYPE_CHECKING:
    from dlcapply.api.logs import LogStream
    from dlcapply.api.named_runs import NamedRun
    from dlcapply.api.options import TargetOptions
    from dlcapply.cli.shell import Shell
    from dlcapply.rendering.report_rows import Where
    from dlcapply.rendering.text.lines import Line


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
    with (
        ended_in_order(),
        Patience(shell) as patience,
        connected(shell, manifests, read_timeout=command.read_timeout, patience=patience) as service,
    ):
        named = named_run(manifests, service, command.name, job_id=command.job_id)
        stream = run_events(
            service,
            named.run.job_id,
            pods=command.pods,
            since=command.since,
            tell=lambda text: say(stderr(), shell, text),
        )
        return _Events(shell, command, where_of(manifests.environment), named, stream, patience).run()


@dataclass(frozen=True, slots=True)
class _Events:
    """A run that was found, and the stream of its events."""

    shell: Shell
    command: EventCommand
    where: Where
    named: NamedRun
    stream: LogStream
    patience: Patience

    def run(self) -> ExitCode:
        self._follow() if self.command.follow else self._report()
        missing = self.stream.missing
        if missing:
            some = ", ".join(sorted(missing))
            say(stderr(), self.shell, f"not all events could be read of {some}")
        return ExitCode.FAILED if missing else ExitCode.OK

    def _head(self) -> list[Line]:
        return [where_line(self.where), run_line(self.named.name, self.stream.run, self.named.ownership)]

    def _report(self) -> None:
        with self.patience.doing(f"the events of {self.named.name} and its pods"):
            rows = event_rows(self.stream)
        if self.command.tail is not None:
            rows = rows[max(0, len(rows) - self.command.tail) :]
        name, run = self.named.name, self.stream.run
        report(
            self.command.outputs,
            self.shell,
            formats={
                TEXT: Fitting(lambda width: [*self._head(), *event_lines(rows, width)]),
                JSON: lambda: to_json(events_document(name, run, self.where, rows)),
            },
        )

    def _follow(self) -> None:
        show(self._head(), stderr(), self.shell)
        as_json = self.command.outputs[0].form == JSON
        printer = LogPrinter(
            self.shell,
            mask_of(self.stream.run),
            as_json=as_json,
            timestamps=True,
            width=max((len(life.name) for life in self.stream.lives()), default=0),
        )
        for batch in self.stream.follow():
            if not printer.put(batch):
                return
