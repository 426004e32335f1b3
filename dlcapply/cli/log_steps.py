"""The logs command, step by step: find the run, print or save its logs, tell how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from dlcapply.api.command_lines import typed
from dlcapply.api.load import load_for_runs
from dlcapply.api.logs import is_of_one_pod, mask_of, run_logs, saving
from dlcapply.api.named_runs import named_run
from dlcapply.api.where import where_of
from dlcapply.cli.connecting import connected
from dlcapply.cli.log_output import LogPrinter, Prefixes
from dlcapply.cli.patience import Patience
from dlcapply.cli.printing import Fitting, Output, report, say, show
from dlcapply.cli.signals import Terminated, ended_in_order
from dlcapply.cli.streams import stderr, stdout
from dlcapply.errors import ExitCode, strongest
from dlcapply.model.runs import BAD_ENDS
from dlcapply.rendering.formats import JSON, TEXT
from dlcapply.rendering.json_documents import to_json
from dlcapply.rendering.run_documents import saved_logs_document
from dlcapply.rendering.text.lines import EMPTY
from dlcapply.rendering.text.logs import end_line, run_line, saved_lines, why_line
from dlcapply.rendering.text.where import where_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dlcapply.api.load import Manifests
    from dlcapply.api.logs import LogStream, PodLine
    from dlcapply.api.named_runs import NamedRun
    from dlcapply.api.options import TargetOptions
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
    read_timeout: float


def run_logs_command(shell: Shell, target: TargetOptions, command: LogCommand) -> ExitCode:
    """The logs are printed or saved as far as they can be; a run that is followed gives the exit code."""
    manifests = load_for_runs(target, shell.environ)
    with (
        ended_in_order(),
        Patience(shell) as patience,
        connected(shell, manifests, read_timeout=command.read_timeout, patience=patience) as service,
    ):
        named = named_run(manifests, service, command.name, job_id=command.job_id)
        stream = run_logs(
            service,
            named.run.job_id,
            pods=command.pods,
            roles=command.roles,
            since=command.since,
            tail=command.tail,
            previous=command.previous,
            tell=lambda text: say(stderr(), shell, text),
        )
        return _Logs(shell, command, manifests, named, stream, patience).run()


@dataclass(frozen=True, slots=True)
class _Logs:
    """A run that was found, and the stream of its logs."""

    shell: Shell
    command: LogCommand
    manifests: Manifests
    named: NamedRun
    stream: LogStream
    patience: Patience

    def run(self) -> ExitCode:
        where = where_line(where_of(self.manifests.environment))
        show([where, run_line(self.named.name, self.stream.run, self.named.ownership)], stderr(), self.shell)
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
            goes_on = "" if self.stream.has_ended else f": {self.named.name} goes on"
            say(stderr(), self.shell, f"interrupted{goes_on}")
            return ExitCode.TERMINATED if isinstance(error, Terminated) else ExitCode.INTERRUPTED
        return self._end()

    def _print(self) -> None:
        printer = self._printer()
        for batch in self._batches():
            if not printer.put(batch):
                return

    def _batches(self) -> Iterator[Sequence[PodLine]]:
        if self.command.follow:
            yield from self.stream.follow()
            return
        lines = self.stream.lines()
        while batch := list(islice(lines, _BATCH)):
            yield batch

    def _printer(self) -> LogPrinter:
        return LogPrinter(
            self.shell,
            mask_of(self.stream.run),
            as_json=self.command.form == JSON,
            prefixes=None if is_of_one_pod(self.stream) else self._prefixes(),
            timestamps=self.command.timestamps,
        )

    def _prefixes(self) -> Prefixes:
        return Prefixes(max((len(life.name) for life in self.stream.lives()), default=0))

    def _save(self) -> None:
        saved = saving(self.stream, self.command.save, follow=self.command.follow, text=self._printer().lines)
        try:
            with self.patience.doing(f"the logs of {self.named.name}, on their way to {self.command.save}"):
                saved.run()
        finally:
            report(
                [Output(self.command.form)],
                self.shell,
                formats={
                    TEXT: Fitting(lambda width: saved_lines(saved.rows, width)),
                    JSON: lambda: to_json(saved_logs_document(self.named.name, self.stream.run, saved.rows)),
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
            show([one for one in (why, end_line(self.named.name, run, reason)) if one], stderr(), self.shell)
            codes += [ExitCode.RUN_FAILED] if has_failed else []
        return strongest(codes)

    def _why(self) -> str:
        asked = ("--job-id", self.command.job_id) if self.command.job_id else ()
        return typed("why", self.manifests.target, *asked, name=self.command.name)
