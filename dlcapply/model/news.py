"""What people are told of who did not look on: events, the news of a command, and where it goes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Event(StrEnum):
    """What may have happened to a run or to a change, in the order in which people have to know."""

    UNKNOWN = "unknown"  # a write of which nobody knows whether it was done
    FAILED = "failed"  # a run, or a change that PAI or a guard refused
    STALE = "stale"
    IDLE = "idle"  # a run that is paid for and computes less than its manifest asks for
    HELD_BACK = "held-back"
    FINISHED = "finished"


class WebhookKind(StrEnum):
    JSON = "json"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    WECOM = "wecom"
    SLACK = "slack"


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where news goes; `url_from` and `secret_from` name the environment variables of address and key."""

    kind: WebhookKind
    url_from: str
    secret_from: str = ""
    events: frozenset[Event] = frozenset(Event)


@dataclass(frozen=True, slots=True)
class News:
    """One thing that happened: to the job, with its run if it has one, in words that end no sentence.

    An `ending` is told once; anything else may be told again after a while, as long as it lasts.
    """

    event: Event
    name: str
    job_id: str
    text: str
    is_ending: bool = False


@dataclass(frozen=True, slots=True)
class Bulletin:
    """The news of one command, and where that was; `link` leads to the run of the CI system, if to any."""

    command: str
    environment: str
    region: str
    workspace_id: str
    is_emulator: bool
    news: tuple[News, ...]
    link: str = ""


def most_urgent_first(news: Iterable[News]) -> tuple[News, ...]:
    order = list(Event)
    return tuple(sorted(news, key=lambda one: (order.index(one.event), one.name, one.job_id)))
