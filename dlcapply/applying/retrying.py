"""Sending a write again where that can't do it twice.

Only the caller knows that: a CreateJob that may have been executed is never sent again, a StopJob may be.
Retry libraries repeat on exceptions; here what PAI answered decides, and an interrupt ends the tries.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, TypeVar

from dlcapply.errors import FailureKind, ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from dlcapply.applying.context import ApplyContext

T = TypeVar("T")

TRIES = 8
_FIRST_PAUSE = 0.5
# Whatever pause an answer asks for.
_LONGEST_PAUSE = 60.0


def retried(
    call: Callable[[], T],
    context: ApplyContext,
    *,
    kinds: Collection[FailureKind] = (FailureKind.NOT_EXECUTED,),
) -> T:
    """What the call gives, sent again after a pause while it fails in one of these kinds.

    Raises the last ServiceError; an interrupt ends the tries.
    """
    for attempt in count(1):
        try:
            return call()
        except ServiceError as error:
            if error.kind not in kinds or attempt == TRIES or context.interrupt.is_asked:
                raise
            context.clock.sleep(min(error.retry_after or _FIRST_PAUSE * 2 ** (attempt - 1), _LONGEST_PAUSE))
    raise AssertionError  # count() never ends
