"""The stop command, step by step: look, show, ask, carry out, tell what comes after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.api.acting.after_stop import what_follows
from dlcapply.api.acting.stop import load_to_stop, signals_of, stop_context, to_stop
from dlcapply.api.journals import note_what_ended
from dlcapply.api.where import where_of
from dlcapply.applying.stops_by_hand import stop_shown
from dlcapply.cli.connecting import patiently_connected
from dlcapply.cli.consent import check_can_ask
from dlcapply.cli.exits import stop_exit
from dlcapply.cli.printing import say
from dlcapply.cli.shown_first import ShownFirst
from dlcapply.cli.streams import stderr
from dlcapply.errors import ExitCode
from dlcapply.rendering.action_documents import stop_document
from dlcapply.rendering.formats import JSON, MARKDOWN
from dlcapply.rendering.json_documents import to_json
from dlcapply.rendering.markdown.stops import stop_markdown
from dlcapply.rendering.text.stops import news_text, question, stopped_lines, to_stop_lines
from dlcapply.rendering.text.words import duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlcapply.api.acting.meant import StopRequest
    from dlcapply.api.acting.stop import StopOptions, ToStop
    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.api.options import TargetOptions
    from dlcapply.applying.signalling import Signalled
    from dlcapply.cli.printing import Output
    from dlcapply.cli.shell import Shell
    from dlcapply.model.stops import StopOutcome
    from dlcapply.rendering.rows.actions import FollowsRow
    from dlcapply.rendering.text.lines import Line


@dataclass(frozen=True, slots=True)
class Command:
    """Which runs are to be stopped, and how; `read_timeout` is in seconds."""

    request: StopRequest
    options: StopOptions
    yes: bool
    dry_run: bool
    read_timeout: float


def run_stop(shell: Shell, outputs: Sequence[Output], command: Command, *, target: TargetOptions) -> ExitCode:
    """The runs that are meant were shown, and stopped if a person agreed; the report says what became."""
    if not command.dry_run:
        check_can_ask("stop", yes=command.yes, looking="stop --dry-run")
    manifests = load_to_stop(target, shell.environ)
    with patiently_connected(shell, manifests, read_timeout=command.read_timeout) as (service, patience):
        note_what_ended(manifests, service)
        found = to_stop(manifests, service, command.request)
        where = where_of(manifests.environment, service)

        def seen(width: int | None) -> list[Line]:
            rows, notes, known = found.rows, found.notes, manifests.names
            return to_stop_lines(where, rows, notes, now=found.now, width=width, known=known)

        shown = ShownFirst(shell, outputs, patience, where, seen)
        return _Stop(shown, command, manifests, service, found).run()


@dataclass(frozen=True, slots=True)
class _Stop:
    """A stop of runs that were found, and everything that it is told to."""

    shown: ShownFirst
    command: Command
    manifests: Manifests
    service: Service
    found: ToStop

    def run(self) -> ExitCode:
        self.shown.show()
        if self.command.dry_run or not self.found.chosen:
            return self._tell((), (), self._idle_exit())
        if not self.command.yes:
            self.shown.ask(self._question())
        return self._carry_out()

    def _idle_exit(self) -> ExitCode:
        """Of a stop that stops nothing: whatever was asked for has ended, unless it is left alone."""
        is_left = bool(self.found.rows or self.found.untold) and not self.command.dry_run
        return ExitCode.FAILED if is_left else ExitCode.OK

    def _question(self) -> str:
        rows = [row for row in self.found.rows if not row.protected]
        asked = self.command.options.signalling
        return question(
            rows,
            signal=asked.signal if asked else "",
            grace=duration(int(asked.grace)) if asked else "",
        )

    def _carry_out(self) -> ExitCode:
        context = stop_context(self.manifests, self.service, patience=self.command.options.wait_timeout)
        with self.shown.writing(context, "the runs to end"):
            outcomes = stop_shown(
                self.found.chosen,
                context,
                self.command.options.manner,
                signals_of(self.service),
                seen=self.found.seen,
                report=lambda outcome: say(stderr(), self.shown.shell, news_text(outcome)),
                signal_report=self._tell_of_signal,
            )
        left = len(self.found.rows) - len(outcomes) + self.found.untold
        code = stop_exit(outcomes, context.interrupt, left=left, waits=self.command.options.waits)
        return self._tell(outcomes, what_follows(self.manifests, self.service, outcomes), code)

    def _tell_of_signal(self, one: Signalled) -> None:
        """What of a signal the outcome of the stop does not tell: a run that it did not come to is one."""
        asked, name = self.command.options.signalling, f"{one.shown.name}  {one.job_id}"
        if asked is None or (one.trouble is not None and not self.command.options.stop_anyway):
            return
        if one.trouble is not None:
            news = f"{asked.signal}: {one.trouble.message}"
        elif one.delivery is None:
            news = "none of its processes runs yet: no signal is needed"
        else:
            limit = duration(int(asked.grace))
            news = f"{asked.signal} {one.delivery.value}; at most {limit} to end by itself"
        say(stderr(), self.shown.shell, f"{name}: {news}")

    def _tell(
        self, outcomes: Sequence[StopOutcome], follows: Sequence[FollowsRow], code: ExitCode
    ) -> ExitCode:
        where, found = self.shown.where, self.found
        self.shown.tell(
            lambda width: stopped_lines(outcomes, follows, width=width),
            {
                MARKDOWN: lambda: stop_markdown(where, found.rows, outcomes, follows, notes=found.notes),
                JSON: lambda: to_json(
                    stop_document(
                        where,
                        found.rows,
                        outcomes,
                        follows,
                        notes=found.notes,
                        now=found.now,
                        exit_code=code,
                    )
                ),
            },
        )
        return code
