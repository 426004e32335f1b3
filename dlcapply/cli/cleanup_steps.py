"""The cleanup command, step by step: list, show, and to delete ask, check again, carry out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.api.acting.cleanup import (
    CleanupRequest,
    check_plans_alike,
    cleanup_context,
    leftovers,
    load_to_clean,
    shown_runs,
)
from dlcapply.api.journals import note_what_ended
from dlcapply.api.where import where_of
from dlcapply.applying.deleting import delete_shown
from dlcapply.cli.connecting import patiently_connected
from dlcapply.cli.consent import check_can_ask
from dlcapply.cli.exits import delete_exit
from dlcapply.cli.shown_first import ShownFirst
from dlcapply.errors import ExitCode, UsageError
from dlcapply.rendering.action_documents import cleanup_document
from dlcapply.rendering.formats import JSON
from dlcapply.rendering.json_documents import to_json
from dlcapply.rendering.text.cleanups import delete_question, deleted_lines, ended_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlcapply.api.acting.cleanup import Leftovers
    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.api.options import TargetOptions
    from dlcapply.cli.printing import Output
    from dlcapply.cli.shell import Shell
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
    with patiently_connected(shell, manifests, read_timeout=command.read_timeout) as (service, patience):
        if command.delete:
            note_what_ended(manifests, service)
        found = leftovers(manifests, service, request)
        where = where_of(manifests.environment, service)

        def seen(width: int | None) -> list[Line]:
            rows, known = found.rows, manifests.names
            return ended_lines(where, rows, younger=found.younger, width=width, known=known)

        shown = ShownFirst(shell, outputs, patience, where, seen)
        return _Cleanup(shown, command, manifests, service, found).run()


@dataclass(frozen=True, slots=True)
class _Cleanup:
    """Ended runs that were found, and everything that is told of them."""

    shown: ShownFirst
    command: Command
    manifests: Manifests
    service: Service
    found: Leftovers

    def run(self) -> ExitCode:
        self.shown.show()
        if not self.command.delete or not self.found.removable:
            return self._tell((), ExitCode.OK)
        check_plans_alike(self.manifests, self.service, self.found)
        if not self.command.yes:
            self.shown.ask(delete_question(len(self.found.removable)))
        return self._delete()

    def _delete(self) -> ExitCode:
        context = cleanup_context(self.manifests, self.service)
        with self.shown.writing(context, "the runs to be deleted"):
            runs = shown_runs(self.found, self.manifests.jobs)
            outcomes = delete_shown(runs, context, parallelism=self.command.parallelism)
        return self._tell(outcomes, delete_exit(outcomes, context.interrupt))

    def _tell(self, outcomes: Sequence[DeleteOutcome], code: ExitCode) -> ExitCode:
        document = cleanup_document(
            self.shown.where, self.found.rows, outcomes, younger=self.found.younger, exit_code=code
        )
        known = self.manifests.names
        self.shown.tell(
            lambda width: deleted_lines(outcomes, width=width, known=known),
            {JSON: lambda: to_json(document)},
        )
        return code
