"""What a run waits for that does not run yet."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from dlcapply.diagnosis import signs
from dlcapply.diagnosis.facts import Source
from dlcapply.diagnosis.failures import first_trouble
from dlcapply.diagnosis.findings import Found
from dlcapply.diagnosis.texts import Statement
from dlcapply.diagnosis.verdicts import Certainty, Code
from dlcapply.model.runs import QUEUED, WAITING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlcapply.diagnosis.case import Case
    from dlcapply.diagnosis.facts import Dependency, Queue

# From then on a wait of which nothing tells the reason is worth a word. An image of 20 GB takes some minutes.
LONG = timedelta(minutes=20)
_SHORT = timedelta(minutes=2)  # in which PAI takes whatever has room
_MOST_AHEAD = 5
_TOO_LOW = "it is too low"
_BID_OR_STOCK = "it is too low, or PAI has no such instances; nothing that was seen tells which of the two"


def wait(case: Case) -> Found:
    """Why the run does not run yet; nothing is wrong where it only began to wait."""
    return (
        _for_resources(case)
        or _not_up(case)
        or dependency(case)
        or _queued(case)
        or _outbid(case)
        or _unexplained(case)
        or Found(_by_status(case), (case.status_statement(),))
    )


def _not_up(case: Case) -> Found | None:
    found = first_trouble(case)
    is_full = found is not None and found.code is Code.QUOTA_FULL
    return _quota_full(case, found.lines) if found and is_full else found


def _by_status(case: Case) -> Code:
    return Code.WAITING if case.facts.status in {"Queuing", "Bidding"} else Code.STARTING


def _for_resources(case: Case) -> Found | None:
    """The service says what there is too little of."""
    if case.facts.status not in WAITING:
        return None
    said = [*_since_a_place(case.of_newest_life(case.job_events)), *case.of_newest_life(case.run_says)][::-1]
    bid = signs.told_of((one for one in said if not signs.BID_TAKEN.search(one.bare)), signs.BID)
    if bid is not None:
        return Found(Code.BID_TOO_LOW, (bid, *_asked_bids(case)), detail=_TOO_LOW)
    short = signs.told_of(said, signs.QUOTA) or signs.told_of(said, signs.STOCK)
    if short is None:
        return None
    if case.facts.request.quota_id or signs.QUOTA.search(short.bare):
        return _quota_full(case, (short,))
    return Found(Code.NO_STOCK, (short, *_asked_bids(case)))


def _since_a_place(events: Sequence[Statement]) -> Sequence[Statement]:
    """Those behind the last that says that the run got what it waited for."""
    got = (at for at, one in enumerate(events) if signs.GOT_A_PLACE.search(one.bare))
    return events[max(got, default=-1) + 1 :]


def _quota_full(case: Case, lines: tuple[Statement, ...]) -> Found:
    queue = case.facts.queue
    told = _queue_lines(queue) if queue else ()
    return Found(Code.QUOTA_FULL, (*lines, *told), detail=_place(queue) if queue else "")


def _queued(case: Case) -> Found | None:
    """The quota's own queue shows the run behind others, or as the first of those that still wait."""
    queue, waited = case.facts.queue, case.status_for
    if queue is None or case.facts.status not in QUEUED:
        return None
    is_stuck = waited is not None and waited >= _SHORT and bool(queue.reason)
    if not queue.ahead and (queue.position or 0) <= 1 and not is_stuck:
        return None
    return Found(Code.QUOTA_FULL, _queue_lines(queue), detail=_place(queue))


def _outbid(case: Case) -> Found | None:
    """The bid of a run that bids is below what its instances cost now, or there are none of them."""
    if case.facts.status != "Bidding":
        return None
    offers = {one.instance_type: one for one in case.facts.offers}
    pairs = [
        (bid, offers[bid.instance_type]) for bid in case.facts.request.shares if bid.instance_type in offers
    ]
    for bid, offer in pairs:
        if offer.share is not None and bid.share < offer.share:
            told = f"{bid.instance_type} costs {offer.share:g} of its price now, and the bid is {bid.share:g}"
            return Found(Code.BID_TOO_LOW, _offered(case, told), Certainty.LIKELY, _TOO_LOW)
        if offer.has_stock is False:
            told = f"{bid.instance_type}: there are no spot instances"
            return Found(Code.NO_STOCK, _offered(case, told), Certainty.LIKELY)
    return None


def _offered(case: Case, told: str) -> tuple[Statement, ...]:
    return case.status_statement(), Statement(Source.OFFERS, told, told, case.facts.now)


def _place(queue: Queue) -> str:
    if queue.position is None:
        return f"behind {', '.join(queue.ahead[:_MOST_AHEAD])}" if queue.ahead else ""
    return f"number {queue.position} in the queue" + (
        f", behind {', '.join(queue.ahead[:_MOST_AHEAD])}" if queue.ahead else ""
    )


def _queue_lines(queue: Queue) -> tuple[Statement, ...]:
    texts = (_place(queue), queue.reason, queue.usage)
    return tuple(Statement(Source.QUEUE, text, text) for text in texts if text)


def _asked_bids(case: Case) -> tuple[Statement, ...]:
    return tuple(Statement(Source.REQUEST, bid, bid) for bid in case.facts.request.bids)


def dependency(case: Case) -> Found | None:
    """Pods of a role wait for those of another to come as far as the run asks."""
    for one in case.facts.request.dependencies:
        if _waits(case, one) and (ready := _ready(case, one)) < one.least:
            phase = one.phase or "their phase"
            text = f"{one.role} starts when {one.least} of {one.awaited} have reached {phase}; {ready} have"
            line = Statement(Source.REQUEST, text, text)
            return Found(Code.DEPENDENCY, (line, *_pods_of(case, one.awaited)), detail=one.awaited)
    return None


def _waits(case: Case, one: Dependency) -> bool:
    pods = [pod for pod in case.facts.pods if pod.role == one.role]
    return bool(case.facts.pods) and all(pod.status == "Pending" for pod in pods)


def _ready(case: Case, one: Dependency) -> int:
    """How many are as far; a phase that nobody knows is reached by what has its name."""
    phases = {one.phase, "Succeeded"} if one.phase in {"", "Running"} else {one.phase}
    reached = phases | ({"Running"} if not one.phase else set())
    return sum(pod.role == one.awaited and pod.status in reached for pod in case.facts.pods)


def _pods_of(case: Case, role: str) -> Sequence[Statement]:
    pods = [pod for pod in case.facts.pods if pod.role == role]
    return [Statement(Source.PODS, pod.status, pod.status, pod=pod.pod_id) for pod in pods[:_MOST_AHEAD]]


def _unexplained(case: Case) -> Found | None:
    waited = case.status_for
    if waited is None or waited < LONG:
        return None
    stuck = (one for pod in case.unstarted_pods[:1] for one in case.pod_events(pod)[-1:])
    lines = (case.status_statement(), *case.job_events[-1:], *stuck)
    if case.facts.status == "Bidding":
        bids = _asked_bids(case)
        return Found(Code.BID_TOO_LOW, (*lines, *bids), Certainty.UNKNOWN, _BID_OR_STOCK)
    return Found(Code.WAITING_LONG, lines, Certainty.UNKNOWN)
