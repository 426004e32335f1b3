"""What became of a command, told to the webhooks of its environment."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from dlcapply.api.news.told import ToldNews
from dlcapply.cloud.wire.redaction import redacted, secret_texts
from dlcapply.errors import DlcapplyError, StaleError
from dlcapply.model.news import Bulletin, Event, News
from dlcapply.model.outcomes import Result
from dlcapply.model.plans import Action
from dlcapply.model.runs import FAILURES, Phase
from dlcapply.operating.following import LossReason
from dlcapply.planning.decisions import Why
from dlcapply.planning.readable import sound
from dlcapply.planning.unchanged import stopped
from dlcapply.repository.provenance import ci_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from dlcapply.api.load import Manifests
    from dlcapply.model.clock import Clock
    from dlcapply.model.news import Webhook
    from dlcapply.model.outcomes import Outcome, StoppedRun
    from dlcapply.model.plans import Plan
    from dlcapply.model.runs import Run
    from dlcapply.operating.following import WaitedRun
    from dlcapply.rendering.rows.where import Where

# How long ago a run may have ended that an apply finds ended: what comes every hour may come late.
_LATELY = timedelta(hours=24)
# Seconds in which all webhooks are told, more than two answers take: a command does not end before that.
_PATIENCE = 30.0

_OF_RESULTS = {
    Result.UNKNOWN: (Event.UNKNOWN, "nobody knows whether the {action} was done"),
    Result.REFUSED: (Event.FAILED, "the {action} was refused"),
    Result.FAILED: (Event.FAILED, "the {action} failed"),
    Result.STALE: (Event.STALE, "the {action} is not what was planned any more"),
    Result.NOT_APPROVED: (Event.HELD_BACK, "the {action} is not approved"),
    Result.NOT_DONE: (Event.HELD_BACK, "the {action} was not begun"),
}


def notify(
    manifests: Manifests,
    news: Iterable[News],
    *,
    command: str,
    where: Where,
    clock: Clock,
    tell: Callable[[str], None],
    warn: Callable[[str], None],
) -> None:
    """Each webhook is told, in one message, what it wants to know and was not told before.

    All of them are sent to at once, so that none waits for another that does not answer. `tell` hears who was
    told how much, `warn` who was not, and why: neither a part of an address. Nothing is raised, but for an
    interrupt.
    """
    found = tuple(news)
    if not (manifests.environment.webhooks and found):
        return
    from dlcapply.notifying.delivery import wanted_by

    told = ToldNews(manifests.state, clock.now(), manifests.environment)
    bulletin = Bulletin(
        command,
        where.environment,
        where.region,
        where.workspace_id,
        where.is_emulator,
        found,
        ci_run(manifests.environ),
    )
    wanted = [(one, wanted_by(one, bulletin, told.not_told)) for one in manifests.environment.webhooks]
    letters = [_Letter(webhook, part, manifests.environ, clock) for webhook, part in wanted if part.news]
    try:
        for letter, problem in _sent(letters, clock):
            if not problem:
                told.note(letter.webhook, letter.bulletin.news)
            (warn if problem else tell)(letter.report(problem))
    finally:
        try:
            told.save()
        except DlcapplyError as error:
            warn(f"what webhooks were told can't be noted, and may be told again: {error.message}")


def _sent(letters: Sequence[_Letter], clock: Clock) -> Iterator[tuple[_Letter, str]]:
    """Each of the letters with why it did not arrive, empty where it did, in their order.

    The threads are not waited for when the process ends: an interrupt, or a look-up of a name that nobody
    answers, leaves them.
    """
    until = clock.monotonic() + _PATIENCE
    threads = [threading.Thread(target=letter.send, daemon=True) for letter in letters]
    for thread in threads:
        thread.start()
    for thread, letter in zip(threads, letters, strict=True):
        thread.join(max(0.0, until - clock.monotonic()))
        yield letter, letter.problems[0] if letter.problems else "it took too long"


@dataclass(frozen=True, slots=True)
class _Letter:
    """What one webhook is to be told; once it was sent, `problems` has why in vain, or nothing in words."""

    webhook: Webhook
    bulletin: Bulletin
    environ: Mapping[str, str] = field(repr=False)
    clock: Clock
    problems: list[str] = field(default_factory=list)

    def send(self) -> None:
        from dlcapply.notifying.delivery import deliver

        try:
            self.problems.append(deliver(self.webhook, self.bulletin, self.environ, self.clock))
        except Exception:  # noqa: BLE001  news decides about nothing, and the error may hold the address
            self.problems.append("an internal error")

    def report(self, problem: str) -> str:
        name, what = (
            f"the {self.webhook.kind} webhook of ${self.webhook.url_from}",
            _counted(self.bulletin.news),
        )
        return f"{name} was not told of {what}: {problem}" if problem else f"{name} was told of {what}"


def _counted(news: Sequence[News]) -> str:
    return f"{len(news)} thing{'s' if len(news) != 1 else ''}"


def refused_news(reason: DlcapplyError) -> tuple[News, ...]:
    """The news of a command that did not begin."""
    event = Event.STALE if isinstance(reason, StaleError) else Event.FAILED
    return (News(event, "", "", f"nothing was done: {reason.message}"),)


def failed_news(error: DlcapplyError) -> tuple[News, ...]:
    """The news of a command that came to no plan, or to no end."""
    return (News(Event.FAILED, "", "", f"the apply failed: {error.message}"),)


def applied_news(
    plan: Plan,
    outcomes: Iterable[Outcome],
    waited: Sequence[WaitedRun],
    live: Mapping[str, Run],
    *,
    now: datetime | None,
    timed_out: Iterable[StoppedRun] = (),
) -> tuple[News, ...]:
    """The news of an apply; `live` are the plan's runs by JobId, of which those count that ended lately.

    `timed_out` are the runs that were to be stopped, as they were not done in time.
    `now` is the service's time: where it does not tell that, nothing is known to have ended lately.
    """
    followed = {one.job_id for one in waited}
    ended = [news for news in _ended_lately(plan, live, now) if news.job_id not in followed] if now else []
    told = list(outcomes)
    idle = {change.name: change.reason.text for change in plan.changes if change.reason.code == Why.IDLE}
    stopped_idle = [
        News(Event.IDLE, one.name, one.job_id, f"stopped: {idle[one.name]}", is_ending=True)
        for one in told
        if one.result is Result.STOPPED and one.name in idle
    ]
    return (*filter(None, map(_outcome_news, told)), *stopped_idle, *waited_news(waited, timed_out), *ended)


def _outcome_news(outcome: Outcome) -> News | None:
    if outcome.result not in _OF_RESULTS:
        return None
    event, words = _OF_RESULTS[outcome.result]
    why = outcome.error.message if outcome.error else ""
    text = ": ".join(filter(None, (words.format(action=outcome.action), why)))
    return News(event, outcome.name, outcome.job_id, text)


def waited_news(waited: Iterable[WaitedRun], timed_out: Iterable[StoppedRun] = ()) -> tuple[News, ...]:
    """The news of runs that were waited for: of those that ended, and of those that it was in vain for."""
    by_id = {one.job_id: one for one in timed_out}
    return tuple(filter(None, (_waited_news(one, by_id.get(one.job_id)) for one in waited)))


def _waited_news(waited: WaitedRun, stopped: StoppedRun | None) -> News | None:
    if waited.lost is LossReason.UNREADABLE:
        return News(Event.UNKNOWN, waited.name, waited.job_id, f"given up: {waited.trouble}")
    if waited.lost is LossReason.REMOVED:
        return News(Event.FAILED, waited.name, waited.job_id, "removed while it was waited for", True)
    if waited.hopeless or stopped is not None:
        text = "; ".join(filter(None, (waited.hopeless, stopped.text if stopped else "it goes on")))
        has_ended = stopped is not None and not stopped.goes_on
        return News(Event.FAILED, waited.name, waited.job_id, text, has_ended)
    return ended_news(waited.name, waited.run) if waited.run else None


def ended_news(name: str, run: Run) -> News | None:
    """The news that the run has ended; None where it has not."""
    if run.phase is Phase.SUCCEEDED:
        return News(Event.FINISHED, name, run.job_id, run.status, is_ending=True)
    if run.phase in FAILURES or run.phase is Phase.STOPPED:
        said = ": ".join(filter(None, (run.reason_code, run.reason_message)))
        text = " ".join(filter(None, (run.status, redacted(said, secret_texts(sound(run.body))))))
        return News(Event.FAILED, name, run.job_id, text, is_ending=True)
    return None


def _ended_lately(plan: Plan, live: Mapping[str, Run], now: datetime) -> Iterator[News]:
    """The runs that ended since an apply may have looked: where nobody waits, so people hear of it."""
    bad = {change.name for change in stopped(plan.changes)}
    for change in plan.changes:
        run = live.get(change.target.job_id) if change.target else None
        if run is None or not _ended_within_a_day(run, now):
            continue
        if run.phase is Phase.STOPPED and change.name not in bad:  # by a declaration, or a plan
            continue
        if change.action is not Action.STOP and (news := ended_news(change.name, run)):
            yield news


def _ended_within_a_day(run: Run, now: datetime) -> bool:
    return run.ended is not None and now - run.ended < _LATELY
