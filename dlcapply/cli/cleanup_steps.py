"""The cleanup command, step by step: list, show, and to delete ask, check again, carry out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.api.cleanup import (
    CleanupRequest,
    check_plans_alike,
    cleanup_context,
    leftovers,
    load_to_clean,
    shown_runs,
)
from dlcapply.api.where import where_of
from dlcapply.applying.deleting import delete_shown
from dlcapply.cli.connecting import connected
from dlcapply.cli.consent import ask, check_can_ask
from dlcapply.cli.exits import delete_exit
from dlcapply.cli.patience import Patience
from dlcapply.cli.printing import Fitting, report, show, wants_text, width_of
from dlcapply.cli.signals import in_flight_lines, interruptible
from dlcapply.cli.streams import stderr, stdout
from dlcapply.errors import ExitCode, UsageError
from dlcapply.rendering.action_documents import cleanup_document
from dlcapply.rendering.formats import JSON, TEXT
from dlcapply.rendering.json_documents import to_json
from dlcapply.rendering.text.cleanups import delete_question, deleted_lines, ended_lines
from dlcapply.rendering.text.lines import EMPTY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlcapply.api.cleanup import Leftovers
    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.api.options import TargetOptions
    from dlcapply.cli.printing import Output
    from dlcapply.cli.shell import Shell
    from dlcapply.cli.streams import Teller
    from dlcapply.model.stops import DeleteOutcome
    from dlcapply.rendering.text.lines import Line


@dataclass(frozen=True, slots=True)
class Command:
    """What is asked for; `older_than` is in seconds."""

    names: tuple[str, ...]
    older_than: float
    statuses: tuple[str, ...]
    undeclared: bool
    delete: bool
    yes: bool
    parallelism: int
    read_timeout: float

    def request(self, target: TargetOptions) -> CleanupRequest:
        return CleanupRequest(
            self.names,
            target.select,
            target.exclude,
            self.older_than,
            tuple(status for given in self.statuses for status in given.split(",")),
            self.undeclared,
        )


def run_cleanup(
    shell: Shell, outputs: Sequence[Output], command: Command, *, target: TargetOptions
) -> ExitCode:
    """The ended runs are listed, and those that may be are deleted if a person agreed."""
    request = command.request(target)
    if command.yes and not command.delete:
        raise UsageError("--yes without --delete: there is nothing to agree to")
    if command.delete:
        check_can_ask("cleanup --delete", yes=command.yes, looking="cleanup without --delete")
    manifests = load_to_clean(target, shell.environ, deletes=command.delete)
    with (
        Patience(shell) as patience,
        connected(shell, manifests, read_timeout=command.read_timeout, patience=patience) as service,
    ):
        found = leftovers(manifests, service, request)
        return _Cleanup(shell, outputs, command, manifests, service, patience, found).run()


@dataclass(frozen=True, slots=True)
class _Cleanup:
    """Ended runs that were found, and everything that is told of them."""

    shell: Shell
    outputs: Sequence[Output]
    command: Command
    manifests: Manifests
    service: Service
    patience: Patience
    found: Leftovers

    def run(self) -> ExitCode:
        if wants_text(self.outputs):
            show(self._shown(stdout()), stdout(), self.shell)
        if not self.command.delete or not self.found.removable:
            return self._tell((), ExitCode.OK)
        check_plans_alike(self.manifests, self.service, self.found)
        if not self.command.yes:
            question = delete_question(len(self.found.removable))
            where = where_of(self.manifests.environment)
            ask(self.shell, self.outputs, question, where=where, seen=self._shown, is_shown=True)
        return self._delete()

    def _shown(self, stream: Teller) -> list[Line]:
        where, width = where_of(self.manifests.environment), width_of(stream, self.shell)
        rows, younger = self.found.rows, self.found.younger
        return ended_lines(where, rows, younger=younger, width=width, known=self.manifests.names)

    def _delete(self) -> ExitCode:
        context = cleanup_context(self.manifests, self.service)
        with (
            interruptible(self.shell, context.interrupt, last_words=lambda: in_flight_lines(context)),
            self.patience.doing("the runs to be deleted"),
        ):
            shown = shown_runs(self.found, self.manifests.jobs)
            outcomes = delete_shown(shown, context, parallelism=self.command.parallelism)
        return self._tell(outcomes, delete_exit(outcomes, context.interrupt))

    def _tell(self, outcomes: Sequence[DeleteOutcome], code: ExitCode) -> ExitCode:
        where, found = where_of(self.manifests.environment), self.found

        def lines(width: int | None) -> list[Line]:
            told = deleted_lines(outcomes, width=width, known=self.manifests.names)
            return [EMPTY, *told] if told else []

        document = cleanup_document(where, found.rows, outcomes, younger=found.younger, exit_code=code)
        report(
            self.outputs,
            self.shell,
            formats={TEXT: Fitting(lines), JSON: lambda: to_json(document)},
            essence=lambda: lines(width_of(stderr(), self.shell)),
        )
        return code
