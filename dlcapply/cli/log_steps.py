"""The logs command, step by step: find the run, print or save its logs, tell how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from dlcapply.api.command_lines import typed
from dlcapply.api.inspecting.logs import is_of_one_pod, mask_of, run_logs, saving
from dlcapply.cli.connecting import found_run
from dlcapply.cli.log_output import LogPrinter, printer_of
from dlcapply.cli.printing import Fitting, Output, report, say, show
from dlcapply.cli.signals import Terminated, ended_in_order
from dlcapply.cli.streams import stderr, stdout
from dlcapply.errors import ExitCode, strongest
from dlcapply.model.runs import BAD_ENDS
from dlcapply.rendering.formats import JSON, TEXT
from dlcapply.rendering.json_documents import to_json
from dlcapply.rendering.run_documents import saved_logs_document
from dlcapply.rendering.text.lines import EMPTY
from dlcapply.rendering.text.logs import end_line, head_lines, saved_lines, why_line
from dlcapply.rendering.text.words import duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dlcapply.api.inspecting.logs import LogStream, PodLine
    from dlcapply.cli.connecting import FoundRun
    from dlcapply.cli.shell import Shell

_BATCH = 500


@dataclass(frozen=True, slots=True)
class LogCommand:
    """What the options of the command ask for, but for where the run is."""

    name: str
    job_id: str
    pods: tuple[str, ...]
    roles: tuple[str, ...]
    follow: bool
    since: float | None
    tail: int | None
    previous: bool
    timestamps: bool
    save: str
    form: str


def run_logs_command(shell: Shell, options: Mapping[str, Any], command: LogCommand) -> ExitCode:
    """The logs are printed or saved as far as they can be; a run that is followed gives the exit code."""
    with ended_in_order(), found_run(shell, options) as found:
        stream = run_logs(
            found.service,
            found.named.run.job_id,
            pods=command.pods,
            roles=command.roles,
            since=command.since,
            tail=command.tail,
            previous=command.previous,
            tell=lambda text: say(stderr(), shell, text),
        )
        return _Logs(shell, command, found, stream).run()


@dataclass(frozen=True, slots=True)
class _Logs:
    """A run that was found, and the stream of its logs."""

    shell: Shell
    command: LogCommand
    found: FoundRun
    stream: LogStream

    def run(self) -> ExitCode:
        found = self.found
        head = head_lines(found.where, found.name, self.stream.run, found.named.ownership)
        show(head, stderr(), self.shell)
        if not self.stream.lives() and not self.command.follow:
            has_ended = self.stream.has_ended
            words = (
                "the run ended without pods"
                if has_ended
                else "there are no pods yet: --follow waits for them"
            )
            say(stderr(), self.shell, words)
        try:
            self._save() if self.command.save else self._print()
        except KeyboardInterrupt as error:
            goes_on = "" if self.stream.has_ended else f": {self.found.name} goes on"
            say(stderr(), self.shell, f"interrupted{goes_on}")
            return ExitCode.TERMINATED if isinstance(error, Terminated) else ExitCode.INTERRUPTED
        return self._end()

    def _print(self) -> None:
        self._printer().put_all(self._batches())

    def _batches(self) -> Iterator[Sequence[PodLine]]:
        if self.command.follow:
            yield from self.stream.follow()
            return
        lines, count = self.stream.lines(), 0
        while batch := list(islice(lines, _BATCH)):
            count += len(batch)
            yield batch
        is_whole = self.stream.lives() and not self.stream.missing
        if not count and is_whole and self.command.since is not None:
            words = f"no line in the last {duration(int(self.command.since))}: leave --since out for the rest"
            say(stderr(), self.shell, words)

    def _printer(self) -> LogPrinter:
        return printer_of(
            self.stream,
            self.shell,
            as_json=self.command.form == JSON,
            prefixes=not is_of_one_pod(self.stream),
            timestamps=self.command.timestamps,
        )

    def _save(self) -> None:
        saved = saving(self.stream, self.command.save, follow=self.command.follow, text=self._printer().lines)
        try:
            with self.found.patience.doing(
                f"the logs of {self.found.name}, on their way to {self.command.save}"
            ):
                saved.run()
        finally:
            report(
                [Output(self.command.form)],
                self.shell,
                formats={
                    TEXT: Fitting(lambda width: saved_lines(saved.rows, width)),
                    JSON: lambda: to_json(saved_logs_document(self.found.name, self.stream.run, saved.rows)),
                },
            )

    def _end(self) -> ExitCode:
        codes = [ExitCode.FAILED] if self.stream.missing else []
        if missing := sorted(self.stream.missing):
            say(stderr(), self.shell, f"not all lines could be read of {', '.join(missing)}")
        if self.command.follow and stdout().failure is None:
            run = self.stream.run
            has_failed = run.phase in BAD_ENDS or not run.is_terminal
            reason = mask_of(run)(run.reason_message)
            why = why_line(self._why()) if has_failed else EMPTY
            show(
                [one for one in (why, end_line(self.found.name, run, reason)) if one],
                stderr(),
                self.shell,
            )
            codes += [ExitCode.RUN_FAILED] if has_failed else []
        return strongest(codes)

    def _why(self) -> str:
        asked = ("--job-id", self.command.job_id) if self.command.job_id else ()
        return typed("why", self.found.manifests.target, *asked, name=self.command.name)
