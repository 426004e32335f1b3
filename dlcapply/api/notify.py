"""What became of a command, told to the webhooks of its environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from dlcapply.api.connect import EMULATOR
from dlcapply.api.told_news import ToldNews
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
    from dlcapply.model.outcomes import Outcome
    from dlcapply.model.plans import Plan
    from dlcapply.model.runs import Run
    from dlcapply.operating.following import WaitedRun

# How long ago a run may have ended that an apply finds ended: what comes every hour may come late.
_LATELY = timedelta(hours=24)
# Seconds after which no other webhook is begun with: a command does not end before its news is told.
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
    clock: Clock,
    tell: Callable[[str], None],
    warn: Callable[[str], None],
) -> None:
    """Each webhook is told, in one message, what it wants to know and was not told before.

    `tell` hears who was told how much, `warn` who was not, and why: neither a part of an address. Nothing is
    raised.
    """
    found = tuple(news)
    if not (manifests.environment.webhooks and found):
        return
    told = ToldNews(manifests.state, clock.now())
    post = _Post(manifests.environ, clock, told, tell, warn, clock.monotonic() + _PATIENCE)
    for webhook in manifests.environment.webhooks:
        post.send(webhook, _bulletin(manifests, found, command))
    try:
        told.save()
    except DlcapplyError as error:
        warn(f"what webhooks were told can't be noted, and may be told again: {error.message}")


@dataclass(frozen=True, slots=True)
class _Post:
    """The way to the webhooks, what they know, and who hears how that went."""

    environ: Mapping[str, str] = field(repr=False)
    clock: Clock
    told: ToldNews
    tell: Callable[[str], None]
    warn: Callable[[str], None]
    until: float

    def send(self, webhook: Webhook, bulletin: Bulletin) -> None:
        from dlcapply.notifying.delivery import wanted_by

        wanted = wanted_by(webhook, bulletin, self.told.not_told)
        if not wanted.news:
            return
        name, what = f"the {webhook.kind} webhook of ${webhook.url_from}", _counted(wanted.news)
        if problem := self._problem(webhook, wanted):
            self.warn(f"{name} was not told of {what}: {problem}")
            return
        self.told.note(webhook, wanted.news)
        self.tell(f"{name} was told of {what}")

    def _problem(self, webhook: Webhook, wanted: Bulletin) -> str:
        """Why the webhook could not be told; empty where it was."""
        from dlcapply.notifying.delivery import deliver

        if self.clock.monotonic() > self.until:
            return "the webhooks before it took too long"
        try:
            return deliver(webhook, wanted, self.environ, self.clock)
        except Exception:  # noqa: BLE001  news decides about nothing, and the error may hold the address
            return "an internal error"


def _counted(news: Sequence[News]) -> str:
    return f"{len(news)} thing{'s' if len(news) != 1 else ''}"


def _bulletin(manifests: Manifests, news: tuple[News, ...], command: str) -> Bulletin:
    environment = manifests.environment
    return Bulletin(
        command,
        environment.name,
        environment.region,
        environment.workspace_id,
        environment.endpoint == EMULATOR,
        news,
        ci_run(manifests.environ),
    )


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
) -> tuple[News, ...]:
    """The news of an apply; `live` are the plan's runs by JobId, of which those count that ended lately.

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
    return (*filter(None, map(_outcome_news, told)), *stopped_idle, *waited_news(waited), *ended)


def _outcome_news(outcome: Outcome) -> News | None:
    if outcome.result not in _OF_RESULTS:
        return None
    event, words = _OF_RESULTS[outcome.result]
    why = outcome.error.message if outcome.error else ""
    text = ": ".join(filter(None, (words.format(action=outcome.action), why)))
    return News(event, outcome.name, outcome.job_id, text)


def waited_news(waited: Iterable[WaitedRun]) -> tuple[News, ...]:
    """The news of runs that were waited for: of those that ended, and of those that nobody can see."""
    return tuple(filter(None, map(_waited_news, waited)))


def _waited_news(waited: WaitedRun) -> News | None:
    if waited.lost is LossReason.UNREADABLE:
        return News(Event.UNKNOWN, waited.name, waited.job_id, f"given up: {waited.trouble}")
    if waited.lost is LossReason.REMOVED:
        return News(Event.FAILED, waited.name, waited.job_id, "removed while it was waited for", True)
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
