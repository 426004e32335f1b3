"""A signal to the processes of runs, so that they can save their work, and the time that they get for it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dlcapply.applying.journal import SIGNAL_CALL
from dlcapply.applying.retrying import retried
from dlcapply.errors import DlcapplyError, FailureKind, ServiceError
from dlcapply.model.outcomes import Trouble
from dlcapply.model.runs import BEFORE_WORK
from dlcapply.model.stops import Delivery
from dlcapply.planning.ownership import is_as_shown
from dlcapply.planning.reasons import describe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dlcapply.applying.context import ApplyContext
    from dlcapply.applying.service import SignalService
    from dlcapply.model.runs import Run
    from dlcapply.model.stops import ShownRun, SignalState

# Codes of what goes wrong before the signal is sent.
STALE, NOT_DONE = "stale", "not-done"
_SIGNALLED = "signalled"
_POLL = 2.0
_SLOW_POLL = 5.0
# How long a delivery may take: PAI makes it after it has answered, and no document says how soon.
_DELIVERED_WITHIN = 120.0


@dataclass(frozen=True, slots=True)
class Signalling:
    """The signal, and for how many seconds after it has come a run may go on until it is stopped."""

    signal: str
    grace: float


@dataclass(frozen=True, slots=True)
class Signalled:
    """How far the signal to a run came; `trouble` says why it is not known to have come.

    `run` is how the run was last seen. Without a signal, because none of its processes runs, `delivery` is
    None: then there is no work to be saved.
    """

    shown: ShownRun
    run: Run
    delivery: Delivery | None
    signal_id: str = ""
    trouble: Trouble | None = None

    @property
    def job_id(self) -> str:
        return self.shown.job_id

    @property
    def has_ended(self) -> bool:
        return self.run.is_terminal

    @property
    def has_failed(self) -> bool:
        """Whether the signal was to come, and is not known to have: the run may have ended before it."""
        code = self.trouble.code if self.trouble else ""
        return self.delivery is Delivery.FAILED and code not in {STALE, NOT_DONE}

    def failed(self, message: str, *, code: str = "not-delivered", hint: str = "") -> Signalled:
        return replace(self, delivery=Delivery.FAILED, trouble=Trouble(code, message, hint))


def signal_all(
    chosen: Sequence[ShownRun],
    asked: Signalling,
    context: ApplyContext,
    signals: SignalService,
    report: Callable[[Signalled], None] = lambda _: None,
    *,
    parallelism: int = 8,
) -> Mapping[str, Signalled]:
    """By JobId, how far the signal to each run came, once those it came to have ended or had their time.

    `report` is told of each run as soon as that is known. Returns early when interrupted.
    """
    with ThreadPoolExecutor(max_workers=parallelism) as pool:
        sent = pool.map(lambda shown: _sent(shown, asked, context, signals), chosen)
        found = {one.job_id: one for one in sent}
    for one in found.values():
        if one.delivery is not Delivery.PENDING:
            report(one)
    _until_delivered(found, context, signals, report)
    _until_ended(found, asked.grace, context)
    _see(found, [job_id for job_id, one in found.items() if one.has_failed], context)
    return found


def _sent(shown: ShownRun, asked: Signalling, context: ApplyContext, signals: SignalService) -> Signalled:
    before = Signalled(shown, shown.run, Delivery.PENDING)
    if context.interrupt.is_asked:
        return before.failed("interrupted before the signal", code=NOT_DONE)
    try:
        now = replace(before, run=context.service.get(shown.job_id))
        return _sent_now(now, asked, context, signals)
    except DlcapplyError as error:  # the others are signalled, and told of, all the same
        return _troubled(before, error)


def _sent_now(
    before: Signalled, asked: Signalling, context: ApplyContext, signals: SignalService
) -> Signalled:
    if before.has_ended:
        return replace(before, delivery=Delivery.ENDED)
    if not is_as_shown(before.run, before.shown, environment=context.environment):
        return before.failed(f"{before.job_id} is not the run that was shown any more", code=STALE)
    return _to_its_pods(before, asked.signal, context, signals)


def _to_its_pods(before: Signalled, signal: str, context: ApplyContext, signals: SignalService) -> Signalled:
    run = before.run
    if pods := running_pods(run):
        return _send(before, pods, signal, context, signals)
    if run.status in BEFORE_WORK:
        return replace(before, delivery=None)
    return before.failed(f"{describe(run)} shows no pod that runs, so the signal reaches nobody")


def running_pods(run: Run) -> tuple[str, ...]:
    """The names of the pods that run, as GetJob shows them."""
    pods = run.body.get("Pods")
    shown = [pod for pod in pods if isinstance(pod, dict)] if isinstance(pods, list) else []
    return tuple(dict.fromkeys(pod["PodId"] for pod in shown if _is_running(pod)))


def _is_running(pod: Mapping[str, Any]) -> bool:
    name = pod.get("PodId")
    return isinstance(name, str) and bool(name) and pod.get("Status") == "Running"


def _send(
    before: Signalled, pods: Sequence[str], signal: str, context: ApplyContext, signals: SignalService
) -> Signalled:
    job_id, name = before.job_id, before.shown.name
    known = _known(job_id, signals)
    context.journal.intend(op=job_id, name=name, call=SIGNAL_CALL)
    result: str = _SIGNALLED
    try:
        signal_id = retried(lambda: signals.send(job_id, signal, pods), context)
    except ServiceError as error:
        signal_id = _lost(error, job_id, signal, known, signals)
        result = _SIGNALLED if signal_id else error.kind
        if not signal_id:
            return _troubled(before, error)
    finally:
        context.journal.conclude(op=job_id, name=name, result=result, job_id=job_id)
    return replace(before, signal_id=signal_id)


def _known(job_id: str, signals: SignalService) -> frozenset[str] | None:
    """The signals of the run before ours, by which a lost answer is told from a signal that never was."""
    try:
        return frozenset(one.signal_id for one in signals.sent(job_id))
    except ServiceError:
        return None


def _lost(
    error: ServiceError, job_id: str, signal: str, known: frozenset[str] | None, signals: SignalService
) -> str:
    """The signal whose answer was lost, where PAI shows it; no second one is sent in its place."""
    if error.kind is not FailureKind.AMBIGUOUS or known is None:
        return ""
    try:
        new = [one for one in signals.sent(job_id) if one.signal_id not in known and one.signal == signal]
    except ServiceError:
        return ""
    return max(new, key=lambda one: one.created).signal_id if new else ""


def _troubled(before: Signalled, error: DlcapplyError) -> Signalled:
    code = (error.code or error.kind) if isinstance(error, ServiceError) else "failed"
    return before.failed(error.message, code=code, hint=error.hint)


def _until_delivered(
    found: dict[str, Signalled],
    context: ApplyContext,
    signals: SignalService,
    report: Callable[[Signalled], None],
) -> None:
    deadline = context.clock.monotonic() + _DELIVERED_WITHIN
    while pending := [one for one in found.values() if one.delivery is Delivery.PENDING]:
        is_late = context.clock.monotonic() >= deadline or context.interrupt.is_asked
        for one in pending:
            found[one.job_id] = now = _look(one, signals, is_late=is_late)
            if now.delivery is not Delivery.PENDING:
                report(now)
        if is_late:
            return
        context.clock.sleep(_POLL)


def _look(one: Signalled, signals: SignalService, *, is_late: bool) -> Signalled:
    """How far the signal came by now; where it is late, one that is not known to have come has failed."""
    told = ""
    try:
        state = signals.state(one.job_id, one.signal_id)
    except ServiceError as error:
        told = error.message
    else:
        if state.delivery is not Delivery.PENDING:
            return _arrived(one, state)
        told = state.told
    if not is_late:
        return one
    return one.failed(f"nobody knows whether the signal came{f': {told}' if told else ''}")


def _arrived(one: Signalled, state: SignalState) -> Signalled:
    if state.delivery is Delivery.FAILED:
        return one.failed(f"PAI did not deliver the signal{f': {state.told}' if state.told else ''}")
    return replace(one, delivery=state.delivery)


def _until_ended(found: dict[str, Signalled], grace: float, context: ApplyContext) -> None:
    """The runs that the signal came to have ended, or had the time."""
    deadline = context.clock.monotonic() + grace
    while going_on := [job_id for job_id, one in found.items() if _may_end(one)]:
        _see(found, going_on, context)
        left = deadline - context.clock.monotonic()
        if left <= 0 or context.interrupt.is_asked:
            return
        context.clock.sleep(min(_SLOW_POLL, left))


def _may_end(one: Signalled) -> bool:
    return one.delivery in {Delivery.DELIVERED, Delivery.ENDED} and not one.has_ended


def _see(found: dict[str, Signalled], job_ids: Sequence[str], context: ApplyContext) -> None:
    """The runs are known as they are now; a look that fails changes nothing about them."""
    with suppress(ServiceError):
        for run in context.service.runs_by_id(job_ids):
            found[run.job_id] = replace(found[run.job_id], run=run)
