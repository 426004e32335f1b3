"""The apply command, step by step: plan, show, refuse or ask, carry out, follow, report."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dlcapply.applying.applier import apply_plan
from dlcapply.applying.context import ApplyContext
from dlcapply.applying.outcomes import left_alone, not_done
from dlcapply.cli.approving import approvals_from, check_alone
from dlcapply.cli.command_lines import typed
from dlcapply.cli.connecting import Cloud, connected
from dlcapply.cli.exits import apply_exit
from dlcapply.cli.following import Waiting, say_what_goes_on, waited_for, waited_rows
from dlcapply.cli.loading import load_valid
from dlcapply.cli.planning import check_prune, journal_of, plan_live
from dlcapply.cli.printing import JSON, report, say, show, show_error, wants_text
from dlcapply.cli.progress import Progress
from dlcapply.cli.saving import asked_for, check_not_expired, check_target, open_plan, plan_again_command
from dlcapply.cli.shell import is_terminal
from dlcapply.cli.signals import in_flight_lines, interruptible
from dlcapply.cli.state import state_folder
from dlcapply.cli.streams import stderr, stdout
from dlcapply.errors import DeniedError, DlcapplyError, StaleError, UsageError
from dlcapply.model import Level, VariableState
from dlcapply.planning.needs import needs_of, starting
from dlcapply.planning.saved import divergences
from dlcapply.planning.sight import denied_starts
from dlcapply.rendering.json_documents import apply_document, to_json
from dlcapply.rendering.text.lines import EMPTY, sections
from dlcapply.rendering.text.needs import lacking_hint, lacking_text
from dlcapply.rendering.text.outcomes import outcome_lines
from dlcapply.rendering.text.plans import plan_lines
from dlcapply.rendering.text.saved_plans import divergence_lines
from dlcapply.rendering.text.statuses import status_lines
from dlcapply.repository.provenance import provenance

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dlcapply.applying.waiting import WaitedRun
    from dlcapply.cli.choices import Where, Wishes
    from dlcapply.cli.printing import Output
    from dlcapply.cli.shell import Shell
    from dlcapply.cli.streams import Teller
    from dlcapply.errors import ExitCode
    from dlcapply.manifest.load import Loaded
    from dlcapply.model import Environment, Job, Outcome, Plan, Run
    from dlcapply.planning.saved import SavedPlan


@dataclass(frozen=True, slots=True)
class Wants:
    """How the plan is to be carried out; times are in seconds."""

    yes: bool
    plan: str
    expect: str
    approved: tuple[str, ...]
    parallelism: int
    fail_fast: bool
    settle: float
    wait: str | None
    wait_timeout: float | None
    read_timeout: float
    full: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """An apply that may begin: what was asked for, the plan that came of it, and its runs by JobId."""

    shell: Shell
    outputs: Sequence[Output]
    where: Where
    wants: Wants
    loaded: Loaded
    environment: Environment
    cloud: Cloud
    plan: Plan
    live: Mapping[str, Run]
    saved: SavedPlan | None = None

    @property
    def writes(self) -> bool:
        return bool(self.plan.writing)

    @property
    def starting(self) -> tuple[Job, ...]:
        """The jobs that this apply may create runs of."""
        return starting(self.plan.writing, self.loaded.jobs)

    @property
    def waiting(self) -> Waiting | None:
        """What is to be waited for; None without --wait."""
        if self.wants.wait is None:
            return None
        until, timeout = self.wants.wait, self.wants.wait_timeout
        approved = self.wants.approved
        return Waiting(self.where, self.plan, self.live, self.loaded.jobs, until, timeout, approved)


def run_apply(
    shell: Shell, outputs: Sequence[Output], *, where: Where, wishes: Wishes, wants: Wants
) -> ExitCode:
    """The plan has been carried out as far as it was allowed to; the report says what became of it."""
    if not wants.yes and not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        raise UsageError("apply can't ask without a terminal", hint="review the plan, then apply with --yes")
    if wants.approved:
        check_alone(plan=wants.plan, expect=wants.expect)
    saved = open_plan(wants.plan) if wants.plan else None
    if saved is not None:
        where, wishes = asked_for(saved, wants.plan, where, wishes)
        check_not_expired(saved, wants.plan, shell.clock.now())
    loaded, environment = load_valid(where, shell.environ)
    if saved is not None:
        check_target(saved, environment)
    _check_owner(environment)
    if wishes.prune:
        check_prune(where, loaded, environment)
    approvals = approvals_from(wants.approved, environment, shell) if wants.approved else None
    with connected(environment, shell, loaded=loaded, read_timeout=wants.read_timeout) as cloud:
        plan, runs = plan_live(
            loaded, environment, cloud, shell, where=where, wishes=wishes, approvals=approvals
        )
        live = {run.job_id: run for run in runs}
        order = Order(shell, outputs, where, wants, loaded, environment, cloud, plan, live, saved)
        if wants_text(outputs):
            _show_plan(order, stdout())
        refusal = _refusal(order)
        return _carry_out(order) if refusal is None else _refuse(order, refusal)


def _check_owner(environment: Environment) -> None:
    if not environment.knows_ours:
        raise UsageError(
            "without a project file, apply needs --owner NAME",
            hint="the name says whose runs these are, so that no two teams share one by accident",
        )


def _refusal(order: Order) -> DlcapplyError | None:
    """Why the plan may not be carried out at all."""
    plan, wants = order.plan, order.wants
    if order.saved is not None and order.saved.plan.digest != plan.digest:
        return _stale(order.saved, order)
    if wants.expect and wants.expect != plan.digest:
        return StaleError(
            f"the plan is not the approved one: approved {wants.expect}, now {plan.digest}",
            hint="nothing was written; review the plan above, and approve it anew",
        )
    over = [finding for finding in plan.findings if finding.level is Level.ERROR]
    if over:
        return DeniedError(f"{over[0].rule}: {over[0].message}", hint=over[0].hint)
    if unseen := denied_starts(plan):
        return unseen
    needs = needs_of(order.starting, order.shell.environ)
    if lacking := [need for need in needs if need.here is not VariableState.SET]:
        return DlcapplyError(lacking_text(lacking), hint=lacking_hint(lacking))
    return _answer(order) if order.writes and not wants.yes else None


def _answer(order: Order) -> DlcapplyError | None:
    """None where a person saw the plan and said yes; the plan is shown where the question is asked."""
    seen_on = stdout()
    if not wants_text(order.outputs) or not is_terminal(seen_on):
        seen_on = stderr()
        _show_plan(order, seen_on)
    say(stderr(), order.shell, "")  # shows, before anybody is waited for, whether the question can be seen
    if seen_on.failure or stderr().failure:
        return _unseen()
    agreed = click.confirm("Apply these changes?", err=True)
    if stderr().failure:
        return _unseen()
    return None if agreed else DlcapplyError("not applied: the answer was no")


def _unseen() -> DlcapplyError:
    return DlcapplyError(
        "the plan can't be shown, so nobody can agree to it; nothing was written",
        hint="review the plan, then apply with --yes and --expect DIGEST",
    )


def _show_plan(order: Order, stream: Teller) -> None:
    show(plan_lines(order.plan, full=order.wants.full), stream, order.shell)


def _stale(saved: SavedPlan, order: Order) -> StaleError:
    show(divergence_lines(divergences(saved.plan, order.plan)), stderr(), order.shell)
    return StaleError(
        "the saved plan is no longer what would be done; nothing was written",
        hint=f"review the plan above, and save it anew: {plan_again_command(saved, order.wants.plan)}",
    )


def _refuse(order: Order, refusal: DlcapplyError) -> ExitCode:
    outcomes = [
        left_alone(change, order.plan.held) or not_done(change, refusal.message, hint=refusal.hint)
        for change in order.plan.changes
    ]
    document = apply_document(outcomes, exit_code=refusal.exit_code, changes=order.plan.changes)
    report(order.outputs, order.shell, lines=list, others={JSON: lambda: to_json(document)})
    show_error(refusal, order.shell)
    return refusal.exit_code


def _carry_out(order: Order) -> ExitCode:
    state_folder(order.loaded.root)
    context = _means(order)
    with interruptible(order.shell, context.interrupt, last_words=lambda: in_flight_lines(context)):
        names = (change.name for change in order.plan.changes)
        with Progress(order.shell, names=names) as progress:
            outcomes = apply_plan(
                order.plan,
                jobs={job.name: job for job in order.loaded.jobs},
                context=context,
                parallelism=order.wants.parallelism,
                fail_fast=order.wants.fail_fast,
                report=progress.outcome,
            )
            waited = waited_for(outcomes, order.waiting, context, progress)
    code = apply_exit(outcomes, waited, context.interrupt)
    say_what_goes_on(outcomes, waited, order.waiting, order.shell)
    _tell(order, outcomes, waited, code)
    return code


def _tell(order: Order, outcomes: Sequence[Outcome], waited: Sequence[WaitedRun], code: ExitCode) -> None:
    done = outcome_lines(outcomes, full=order.wants.full) if order.writes or order.plan.held else []
    rows = waited_rows(waited)
    table = status_lines([one.row for one in rows], now=order.shell.clock.now()) if rows else []
    lines = [EMPTY, *sections(done, table)] if done or waited else []
    document = apply_document(outcomes, exit_code=code, changes=order.plan.changes, waited=rows)
    report(
        order.outputs,
        order.shell,
        lines=lambda: lines,
        others={JSON: lambda: to_json(document)},
        essence=lambda: lines,
    )


def _means(order: Order) -> ApplyContext:
    shell = order.shell
    variables = {source.variable for job in order.starting for source in job.env_from}
    is_told = order.environment.provenance and order.writes
    started_from = provenance(Path(order.loaded.root), shell.environ) if is_told else ""
    return ApplyContext(
        service=order.cloud.jobs,
        environment=order.environment,
        journal=journal_of(order.loaded, order.environment, order.cloud, shell, provenance=started_from),
        clock=shell.clock,
        settle=order.wants.settle,
        env={name: shell.environ[name] for name in variables},
        provenance=started_from,
        status_command=typed("status", order.where),
    )
