"""Outcomes of one change, in the words of the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.errors import FailureKind, ServiceError
from dlcapply.model.outcomes import Outcome, Result, Trouble
from dlcapply.model.plans import Action, Change
from dlcapply.planning.decisions import Why

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.errors import DlcapplyError
    from dlcapply.model.findings import Finding
    from dlcapply.planning.freezes import Frozen

# What becomes of a change that asks for nothing.
RESULT_OF_IDLE = {
    Action.UNCHANGED: Result.UNCHANGED,
    Action.WAITING: Result.WAITING,
    Action.BLOCKED: Result.BLOCKED,
}
_RESULT_OF_VERDICT = {
    FailureKind.REFUSED: Result.REFUSED,
    FailureKind.NOT_EXECUTED: Result.FAILED,
    FailureKind.AMBIGUOUS: Result.FAILED,
}


def done(change: Change, result: Result, *, job_id: str, request_id: str = "") -> Outcome:
    return Outcome(change.name, change.action, result, job_id, request_id)


def troubled(
    change: Change, result: Result, message: str, *, code: str, hint: str = "", meets_all: bool = False
) -> Outcome:
    trouble = Trouble(code, message, hint, meets_all)
    return Outcome(change.name, change.action, result, _known_run(change), error=trouble)


def _known_run(change: Change) -> str:
    return "" if change.action.starts_a_run else change.target_id


def idle(change: Change) -> Outcome:
    """The outcome of a change that nothing is done for."""
    if change.action is not Action.BLOCKED:
        return done(change, RESULT_OF_IDLE[change.action], job_id=change.target_id)
    return troubled(change, Result.BLOCKED, change.reason.text, code=change.reason.code)


def not_done(change: Change, message: str, *, hint: str = "apply again to go on") -> Outcome:
    return troubled(change, Result.NOT_DONE, message, code="not-done", hint=hint)


def denied(change: Change, denial: Finding) -> Outcome:
    """The outcome of a start that a limit or a policy forbids."""
    message = f"{denial.rule}: {denial.message}"
    return troubled(change, Result.NOT_DONE, message, code=denial.rule, hint=denial.hint)


def not_approved(change: Change, instead: str) -> Outcome:
    """The outcome of a change that is held back; `instead` says what was approved."""
    hint = "have it reviewed, and save the plan that has it: dlcapply plan --out"
    return troubled(change, Result.NOT_APPROVED, f"held back: {instead}", code=Result.NOT_APPROVED, hint=hint)


def frozen(change: Change, freeze: Frozen) -> Outcome:
    """The outcome of a start that a freeze holds which the plan did not know, or which began since."""
    message = f"nothing starts before {freeze}"
    return troubled(change, Result.WAITING, message, code=Why.FROZEN, hint="apply again after that")


def left_alone(change: Change, held: Mapping[str, str]) -> Outcome | None:
    """The outcome of a change that asks for nothing, or is `held` back; None for one that is to be done."""
    if not change.action.writes:
        return idle(change)
    return not_approved(change, held[change.name]) if change.name in held else None


def stale(change: Change, message: str) -> Outcome:
    return troubled(change, Result.STALE, message, code="stale", hint="plan again, and review the new plan")


def failed(change: Change, error: DlcapplyError) -> Outcome:
    """The outcome of a change whose call gave no usable answer."""
    if not isinstance(error, ServiceError):
        return troubled(change, Result.FAILED, error.message, code="failed", hint=error.hint)
    trouble = Trouble(error.code or error.kind, error.message, error.hint, error.meets_all)
    result = _RESULT_OF_VERDICT[error.kind]
    return Outcome(change.name, change.action, result, _known_run(change), error.request_id, trouble)
