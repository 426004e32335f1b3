"""What webhooks were told before, so that an apply that comes every hour does not say the same every hour."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING

from dlcapply import strict_json
from dlcapply.api.state import TOLD_NEWS
from dlcapply.disk import read_bytes, write_whole
from dlcapply.errors import DlcapplyError
from dlcapply.model.times import moment

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from dlcapply.api.state import StateFolder
    from dlcapply.model.jobs import Environment
    from dlcapply.model.news import News, Webhook

# What lasts is told again after this, as people forget; how a run ended is told once.
AGAIN_AFTER = timedelta(hours=24)
_REMEMBERED = timedelta(days=30)
_MOST = 10_000
_MOST_BYTES = 2 << 20


class ToldNews:
    """The memory of one project, in its state folder; one that can't be read is empty."""

    def __init__(self, state: StateFolder, now: datetime, environment: Environment) -> None:
        self._state = state
        self._now = now
        self._place = [environment.name, environment.endpoint, environment.region, environment.workspace_id]
        self._told = _read(state)

    def not_told(self, webhook: Webhook, news: Iterable[News]) -> tuple[News, ...]:
        """The news that this webhook was not told, or long ago."""
        return tuple(one for one in news if self._is_news(webhook, one))

    def note(self, webhook: Webhook, news: Iterable[News]) -> None:
        self._told |= {self._key(webhook, one): self._now for one in news}

    def save(self) -> None:
        """What is remembered is on disk; raises DlcapplyError where it can't be."""
        newest = sorted(self._told.items(), key=lambda item: item[1])[-_MOST:]
        kept = {key: at.isoformat() for key, at in newest if self._now - at < _REMEMBERED}
        self._state.make()
        write_whole(str(self._state.file(TOLD_NEWS)), json.dumps({"format_version": 1, "told": kept}) + "\n")

    def _is_news(self, webhook: Webhook, news: News) -> bool:
        at = self._told.get(self._key(webhook, news))
        return at is None or not timedelta(0) <= self._now - at < (
            _REMEMBERED if news.is_ending else AGAIN_AFTER
        )

    def _key(self, webhook: Webhook, news: News) -> str:
        """Without the words, which may change while the matter is the same, but where they alone say which.

        Jobs of the same name are others in another environment. A run ends once, whatever that is called: an
        idle one that was stopped is not told as one that failed the next time.
        """
        what = "ended" if news.is_ending else news.event
        words = [*self._place, webhook.kind, webhook.url_from, what, news.name, news.job_id]
        words += [] if news.name else [news.text]
        return hashlib.sha256(json.dumps(words).encode()).hexdigest()[:32]


def _read(state: StateFolder) -> dict[str, datetime]:
    try:
        found = strict_json.loads(read_bytes(state.file(TOLD_NEWS), _MOST_BYTES)[:_MOST_BYTES])
        return {key: _time(at) for key, at in found["told"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, DlcapplyError):
        return {}


def _time(text: object) -> datetime:
    """The time; raises ValueError where it is none."""
    time = moment(text)
    if time is None:
        raise ValueError(text)
    return time
