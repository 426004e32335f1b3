"""Sending a write again, where that can't do it twice."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, TypeVar

from dlcapply.errors import ServiceError, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from dlcapply.applying.context import Means

T = TypeVar("T")

TRIES = 8
_FIRST_PAUSE = 0.5
# Whatever pause an answer asks for.
_LONGEST_PAUSE = 60.0


def retried(
    call: Callable[[], T], means: Means, *, verdicts: Collection[Verdict] = (Verdict.NOT_EXECUTED,)
) -> T:
    """What the call gives, sent again after a pause while its failure has one of the verdicts.

    Raises the last ServiceError; an interrupt ends the tries.
    """
    for attempt in count(1):
        try:
            return call()
        except ServiceError as error:
            if error.verdict not in verdicts or attempt == TRIES or means.interrupt.is_asked:
                raise
            means.clock.sleep(min(error.retry_after or _FIRST_PAUSE * 2 ** (attempt - 1), _LONGEST_PAUSE))
    raise AssertionError  # count() never ends
