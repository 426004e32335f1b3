"""A bulletin in words: a headline with counts, and a line for each piece of news, the most urgent first."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from dlcapply.model.news import Event, most_urgent_first
from dlcapply.one_line import squeezed
from dlcapply.secrecy import without_secrets

if TYPE_CHECKING:
    from dlcapply.model.news import Bulletin, News

# More news than this is counted: who wants all of it asks dlcapply.
MOST_TOLD = 10
_LONGEST_NAME = 80
_LONGEST_TEXT = 200
_WORDS = {Event.UNKNOWN: "with an unknown outcome", Event.HELD_BACK: "held back"}


def headline(bulletin: Bulletin) -> str:
    """What command tells how much of what, and where; it begins with our name, which filters may ask for."""
    counts = Counter(one.event for one in bulletin.news)
    told = ", ".join(f"{counts[event]} {_WORDS.get(event, event)}" for event in Event if counts[event])
    return f"dlcapply {bulletin.command}: {told}, in {place(bulletin)}"


def place(bulletin: Bulletin) -> str:
    where = "the emulator" if bulletin.is_emulator else f"{bulletin.region} workspace {bulletin.workspace_id}"
    return clean(f"{bulletin.environment} ({where})", _LONGEST_TEXT)


def news_lines(bulletin: Bulletin) -> list[str]:
    """A line for each piece of news that there may be room for, the most urgent first."""
    return [_line(one) for one in most_urgent_first(bulletin.news)[:MOST_TOLD]]


def _line(news: News) -> str:
    whose = " ".join(filter(None, (clean(news.name, _LONGEST_NAME), clean(news.job_id, _LONGEST_NAME))))
    return ": ".join(filter(None, (news.event.value, whose, clean(news.text, _LONGEST_TEXT))))


def clean(text: str, longest: int) -> str:
    """The text on one line without secrets, cut after they are masked."""
    line = without_secrets(squeezed(text))
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
