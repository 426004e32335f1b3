"""The apply command, step by step: plan, show, refuse or ask, carry out, report."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from dlcapply.api.applying.application import Application, later_text, patience_text, prepared
from dlcapply.api.applying.carrying_out import Applied, apply_context, carry_out, untouched
from dlcapply.api.applying.follow import what_goes_on
from dlcapply.api.applying.guards import checked, hindrance
from dlcapply.api.load import load_target
from dlcapply.api.plans.saved import asked_for, check_not_expired, is_of_nothing, open_plan
from dlcapply.api.review.approvals import check_alone
from dlcapply.api.waiting.rows import waited_rows
from dlcapply.api.where import where_of
from dlcapply.cli.connecting import patiently_connected
from dlcapply.cli.exits import apply_exit
from dlcapply.cli.narrowing import check_beside, narrowed
from dlcapply.cli.notices import tell_of_apply, tell_of_refusal, tell_what_goes_on, telling_failures
from dlcapply.cli.printing import Fitting, report, say, show, show_error, wants_text, width_of
from dlcapply.cli.progress import Progress, WatchedNames
from dlcapply.cli.shell import is_terminal
from dlcapply.cli.signals import in_flight_lines, interruptible
from dlcapply.cli.source_lines import repository_names
from dlcapply.cli.streams import stderr, stdout
from dlcapply.errors import DlcapplyError, UsageError
from dlcapply.planning.restored_plans import divergences
from dlcapply.rendering.formats import TEXT, apply_formats
from dlcapply.rendering.text.diagnoses import failure_lines
from dlcapply.rendering.text.lines import EMPTY, sections
from dlcapply.rendering.text.outcomes import hidden_failure_lines, later_lines, outcome_lines
from dlcapply.rendering.text.plans import plan_lines
from dlcapply.rendering.text.saved_plans import divergence_lines
from dlcapply.rendering.text.statuses import status_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dlcapply.api.options import ApplyOptions, PlanOptions, TargetOptions
    from dlcapply.cli.patience import Patience
    from dlcapply.cli.printing import Output
    from dlcapply.cli.shell import Shell
    from dlcapply.cli.streams import Teller
    from dlcapply.errors import ExitCode
    from dlcapply.rendering.rows.waiting import WaitedRow
    from dlcapply.rendering.text.lines import Line


@dataclass(frozen=True, slots=True)
class Command:
    """How the command is to be carried out beside the apply itself; `plan` is the file of a saved plan.

    `changed` is the commit since which changes count; empty where all do.
    """

    yes: bool
    plan: str
    read_timeout: float
    full: bool
    changed: str
    markdown_size: str


def run_apply(
    shell: Shell,
    outputs: Sequence[Output],
    command: Command,
    *,
    target: TargetOptions,
    chosen: PlanOptions,
    options: ApplyOptions,
) -> ExitCode:
    """The plan has been carried out as far as it was allowed to; the report says what became of it."""
    begun = shell.clock.monotonic()
    if not command.yes and not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        raise UsageError("apply can't ask without a terminal", hint="review the plan, then apply with --yes")
    if options.approved:
        check_alone(plan=bool(command.plan), expect=options.expect)
    check_beside(command.changed, chosen, command.plan)
    saved = open_plan(command.plan) if command.plan else None
    if saved is not None:
        target, chosen = asked_for(saved, command.plan, target, chosen)
        check_not_expired(saved, command.plan, shell.clock.now())
    target, is_empty = narrowed(command.changed, target, shell)
    may_be_empty = is_empty or (saved is not None and is_of_nothing(saved))
    manifests = load_target(target, shell.environ, may_be_empty=may_be_empty)
    reviewed = checked(
        manifests,
        chosen,
        options,
        saved=saved,
        now=shell.clock.now(),
        note=lambda text: say(stderr(), shell, text),
    )
    with (
        telling_failures(shell, manifests),
        patiently_connected(shell, manifests, read_timeout=command.read_timeout) as (service, patience),
    ):
        application = prepared(
            manifests,
            service,
            chosen,
            options,
            begun=begun,
            reviewed=reviewed,
            saved=saved,
            saved_as=command.plan,
        )
        return _Apply(shell, patience, outputs, command, application).run()


@dataclass(frozen=True, slots=True)
class _Apply:
    """An apply whose plan is made, and everything that it is told to."""

    shell: Shell
    patience: Patience
    outputs: Sequence[Output]
    command: Command
    application: Application

    def run(self) -> ExitCode:
        if wants_text(self.outputs):
            self._show_plan(stdout())
        if (reason := hindrance(self.application)) is not None:
            code = self._refuse(reason)
            tell_of_refusal(self.shell, self.application, reason)
            return code
        if told := later_text(self.application):
            say(stderr(), self.shell, told)
        if self.application.asks and not self.command.yes and (reason := self._answer()) is not None:
            return self._refuse(reason)
        return self._carry_out()

    def _answer(self) -> DlcapplyError | None:
        """None where a person saw the plan and said yes; the plan is shown where the question is asked."""
        seen_on = stdout()
        if not wants_text(self.outputs) or not is_terminal(seen_on):
            seen_on = stderr()
            self._show_plan(seen_on)
        say(stderr(), self.shell, "")  # shows, before anybody is waited for, whether the question can be seen
        if seen_on.failure or stderr().failure:
            return _unseen()
        agreed = click.confirm("Apply these changes?", err=True)
        if stderr().failure:
            return _unseen()
        return None if agreed else DlcapplyError("not applied: the answer was no")

    def _show_plan(self, stream: Teller) -> None:
        show(plan_lines(self.application.plan, full=self.command.full), stream, self.shell)

    def _refuse(self, reason: DlcapplyError) -> ExitCode:
        plan, saved = self.application.plan, self.application.saved
        if saved is not None and self.application.differs:
            show(divergence_lines(divergences(saved.plan, plan)), stderr(), self.shell)
        applied = untouched(plan, reason)
        formats = self._formats(applied, reason.exit_code, refused=reason)
        report(self.outputs, self.shell, formats={TEXT: list, **formats})
        show_error(reason, self.shell)
        return reason.exit_code

    def _carry_out(self) -> ExitCode:
        context = apply_context(self.application)
        if told := patience_text(self.application):
            say(stderr(), self.shell, told)
        where = where_of(self.application.manifests.environment, self.application.service)
        names = tuple(change.name for change in self.application.plan.changes)
        watched = WatchedNames(where, names, self.application.manifests.names)
        with (
            interruptible(self.shell, context.interrupt, last_words=lambda: in_flight_lines(context)),
            Progress(
                self.shell,
                self.patience,
                watched,
                now=self.application.service.now,
                logs=self.application.options.logs,
            ) as progress,
        ):
            applied = carry_out(self.application, context, progress)
        denied = any(one.denied for one in applied.later)
        code = apply_exit(applied.all_outcomes, applied.waited, context.interrupt, denied=denied)
        started = {one.change.name for one in applied.later}
        goes_on = what_goes_on(
            applied.outcomes,
            applied.waited,
            self.application.waiting,
            started=started,
            stopped=applied.stopped,
        )
        tell_what_goes_on(self.shell, goes_on)
        self._tell(applied, code)
        tell_of_apply(self.shell, self.application, applied, looks_on=not context.interrupt.is_asked)
        return code

    def _tell(self, applied: Applied, code: ExitCode) -> None:
        plan, full = applied.plan, self.command.full
        is_worth_telling = self.application.writes or plan.held
        done = outcome_lines(applied.outcomes, full=full) if is_worth_telling else []
        later = later_lines(applied.later)
        rows = waited_rows(applied.waited, applied.stopped, applied.verdicts)
        now, known = self.application.service.now(), self.application.manifests.names

        def lines(width: int | None) -> list[Line]:
            shown = [one.row for one in rows]
            table = status_lines(shown, now=now, width=width, known=known) if rows else []
            parts = (done, later, table, failure_lines(rows, width=width), hidden_failure_lines(rows, code))
            return [EMPTY, *sections(*parts)] if any(parts) else []

        report(
            self.outputs,
            self.shell,
            formats={TEXT: Fitting(lines), **self._formats(applied, code, waited=rows)},
            essence=lambda: lines(width_of(stderr(), self.shell)),
        )

    def _formats(
        self,
        applied: Applied,
        code: ExitCode,
        *,
        waited: Sequence[WaitedRow] = (),
        refused: DlcapplyError | None = None,
    ) -> dict[str, Callable[[], str]]:
        return apply_formats(
            applied.plan,
            applied.outcomes,
            exit_code=code,
            waited=waited,
            later=applied.later,
            refused=refused,
            markdown_size=self.command.markdown_size,
            name_of=repository_names(),
        )


def _unseen() -> DlcapplyError:
    return DlcapplyError(
        "the plan can't be shown, so nobody can agree to it; nothing was written",
        hint="review the plan, then apply with --yes and --expect DIGEST",
    )
