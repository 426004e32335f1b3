"""Plans and outcomes → exit codes."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from dlcapply.errors import ExitCode, strongest
from dlcapply.model.outcomes import Result
from dlcapply.model.plans import Action
from dlcapply.operating.following import LossReason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dlcapply.applying.interrupt import Interrupt
    from dlcapply.model.outcomes import Outcome
    from dlcapply.model.plans import Plan
    from dlcapply.model.stops import DeleteOutcome, StopOutcome
    from dlcapply.operating.following import WaitedRun

_PENDING = frozenset(set(Action) - {Action.UNCHANGED, Action.BLOCKED})
# The signals that ask for an end; a terminal that is closed ends an apply as SIGTERM does.
BY_SIGNAL = {
    signal.SIGINT: ExitCode.INTERRUPTED,
    signal.SIGTERM: ExitCode.TERMINATED,
    signal.SIGHUP: ExitCode.TERMINATED,
}


def plan_exit(plan: Plan, *, detailed: bool) -> ExitCode:
    return strongest(_plan_codes(plan, detailed=detailed))


def _plan_codes(plan: Plan, *, detailed: bool) -> Iterator[ExitCode]:
    actions = {change.action for change in plan.changes}
    if Action.BLOCKED in actions:
        yield ExitCode.BLOCKED
    if plan.denials:
        yield ExitCode.DENIED
    if detailed and actions & _PENDING:
        yield ExitCode.PENDING


def apply_exit(
    outcomes: Sequence[Outcome], waited: Sequence[WaitedRun], interrupt: Interrupt, *, denied: bool = False
) -> ExitCode:
    """The code of an apply; `denied`: a limit or a policy forbade what came due while it waited."""
    denials = [ExitCode.DENIED] if denied else []
    codes = (*_apply_codes(outcomes), *_wait_codes(waited), *_signal_codes(interrupt))
    return strongest((*codes, *denials))


def wait_exit(waited: Sequence[WaitedRun], interrupt: Interrupt, *, blocked: bool) -> ExitCode:
    """The code of a wait; `blocked`: of a job nobody can tell which run counts."""
    blocks = [ExitCode.BLOCKED] if blocked else []
    return strongest((*_wait_codes(waited), *_signal_codes(interrupt), *blocks))


def _apply_codes(outcomes: Sequence[Outcome]) -> Iterator[ExitCode]:
    results = {outcome.result for outcome in outcomes}
    if any(outcome.result is Result.UNKNOWN and outcome.action.starts_a_run for outcome in outcomes):
        yield ExitCode.UNKNOWN
    if results & {Result.BLOCKED, Result.NOT_APPROVED}:
        yield ExitCode.BLOCKED
    bad = {outcome.result for outcome in outcomes if _is_bad(outcome)}
    if bad and any(map(_has_written, outcomes)):
        yield ExitCode.PARTIAL
    elif bad:
        yield ExitCode.STALE if bad == {Result.STALE} else ExitCode.FAILED


def _is_bad(outcome: Outcome) -> bool:
    """Whether it failed for certain, or may have: a create of which nobody knows has a code of its own."""
    is_start_unknown = outcome.result is Result.UNKNOWN and outcome.action.starts_a_run
    is_cut_in_half = outcome.result is Result.WAITING and outcome.stopped_job_id != ""
    return (outcome.result.is_failure or is_cut_in_half) and not is_start_unknown


def _has_written(outcome: Outcome) -> bool:
    """Whether it, or a part of it, was done: a stop before a create, or a run that lost a race."""
    has_lost_a_race = outcome.result is Result.STALE and outcome.request_id != ""
    return outcome.result.is_done or outcome.stopped_job_id != "" or has_lost_a_race


def _wait_codes(waited: Sequence[WaitedRun]) -> Iterator[ExitCode]:
    if any(one.lost is LossReason.UNREADABLE for one in waited):
        yield ExitCode.FAILED
    if any(one.failed for one in waited):
        yield ExitCode.RUN_FAILED
    if not all(one.is_over for one in waited):
        yield ExitCode.NOT_IN_TIME


def _signal_codes(interrupt: Interrupt) -> Iterator[ExitCode]:
    if interrupt.is_asked:
        yield BY_SIGNAL[signal.Signals(interrupt.signal)]


def stop_exit(
    outcomes: Sequence[StopOutcome], interrupt: Interrupt, *, left: int = 0, waits: bool = True
) -> ExitCode:
    """Of stops by hand; runs that were `left` alone, such as protected ones, were asked for too."""
    return strongest((*_stop_codes(outcomes, left, waits=waits), *_signal_codes(interrupt)))


def _stop_codes(outcomes: Sequence[StopOutcome], left: int, *, waits: bool) -> Iterator[ExitCode]:
    told = [outcome for outcome in outcomes if outcome.result.is_told]
    if left or len(told) < len(outcomes):
        yield ExitCode.PARTIAL if told else ExitCode.FAILED
    if waits and not all(outcome.result.is_over for outcome in told):
        yield ExitCode.NOT_IN_TIME


def delete_exit(outcomes: Sequence[DeleteOutcome], interrupt: Interrupt) -> ExitCode:
    """Of deletions by hand."""
    gone = sum(outcome.result.is_gone for outcome in outcomes)
    bad = [ExitCode.PARTIAL if gone else ExitCode.FAILED] if gone < len(outcomes) else []
    return strongest((*bad, *_signal_codes(interrupt)))
