"""Pull requests as a forge lists them, those first that were touched last, read as far as somebody needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from dlcapply.forge.service import Reviewing
    from dlcapply.forge.values import PullRequest


class Listing:
    """All that were touched since, each once."""

    def __init__(self, forge: Reviewing, since: datetime) -> None:
        self._since = since
        self._read: list[PullRequest] = []
        self._unread = self._pages(forge)

    def merged(self) -> Iterator[PullRequest]:
        """Those that were merged since."""
        index = 0
        while index < len(self._read) or self._goes_on():
            pull = self._read[index]
            index += 1
            if pull.merged is not None and pull.merged >= self._since:
                yield pull

    def touched_since(self, time: datetime) -> list[PullRequest]:
        while self._read[-1].updated >= time and self._goes_on():
            pass
        return self._read

    def _goes_on(self) -> bool:
        pull = next(self._unread, None)
        if pull is not None:
            self._read.append(pull)
        return pull is not None

    def _pages(self, forge: Reviewing) -> Iterator[PullRequest]:
        """One that is touched meanwhile moves to the front: so the front is looked at again."""
        known: set[int] = set()
        yield from _unknown(forge, self._since, known)
        if known:
            yield from _unknown(forge, max(one.updated for one in self._read), known)


def _unknown(forge: Reviewing, since: datetime, known: set[int]) -> Iterator[PullRequest]:
    """Those that are not known yet, and are then."""
    for pull in forge.pull_requests():
        if pull.updated < since:
            return
        if pull.number not in known:
            known.add(pull.number)
            yield pull
