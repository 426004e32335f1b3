"""The events command, step by step: find the run, show what happened, or go on as it happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dlcapply.api.inspecting.events import event_rows, run_events
from dlcapply.cli.connecting import found_run
from dlcapply.cli.log_output import printer_of
from dlcapply.cli.printing import Fitting, Output, report, say, show
from dlcapply.cli.signals import ended_in_order
from dlcapply.cli.streams import stderr
from dlcapply.errors import ExitCode
from dlcapply.rendering.formats import JSON, TEXT
from dlcapply.rendering.json_documents import to_json
from dlcapply.rendering.run_documents import events_document
from dlcapply.rendering.text.logs import event_lines, head_lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.api.inspecting.logs import LogStream
    from dlcapply.cli.connecting import FoundRun
    from dlcapply.cli.shell import Shell
    from dlcapply.rendering.text.lines import Line


@dataclass(frozen=True, slots=True)
class EventCommand:
    """What the options of the command ask for, but for which run is meant."""

    pods: tuple[str, ...]
    follow: bool
    since: float | None
    tail: int | None
    outputs: tuple[Output, ...]


def run_events_command(shell: Shell, options: Mapping[str, Any], command: EventCommand) -> ExitCode:
    """The events are shown, as far as they can be read."""
    with ended_in_order(), found_run(shell, options) as found:
        stream = run_events(
            found.service,
            found.named.run.job_id,
            pods=command.pods,
            since=command.since,
            tell=lambda text: say(stderr(), shell, text),
        )
        return _Events(shell, command, found, stream).run()


@dataclass(frozen=True, slots=True)
class _Events:
    """A run that was found, and the stream of its events."""

    shell: Shell
    command: EventCommand
    found: FoundRun
    stream: LogStream

    def run(self) -> ExitCode:
        self._follow() if self.command.follow else self._report()
        missing = self.stream.missing
        if missing:
            some = ", ".join(sorted(missing))
            say(stderr(), self.shell, f"not all events could be read of {some}")
        return ExitCode.FAILED if missing else ExitCode.OK

    def _head(self) -> list[Line]:
        found = self.found
        return head_lines(found.where, found.name, self.stream.run, found.named.ownership)

    def _report(self) -> None:
        with self.found.patience.doing(f"the events of {self.found.name} and its pods"):
            rows = event_rows(self.stream, self.command.tail)
        name, where, run = self.found.name, self.found.where, self.stream.run
        report(
            self.command.outputs,
            self.shell,
            formats={
                TEXT: Fitting(lambda width: [*self._head(), *event_lines(rows, width)]),
                JSON: lambda: to_json(events_document(name, run, where, rows)),
            },
        )

    def _follow(self) -> None:
        show(self._head(), stderr(), self.shell)
        as_json = self.command.outputs[0].form == JSON
        printer = printer_of(self.stream, self.shell, as_json=as_json, timestamps=True)
        printer.put_all(self.stream.follow())
