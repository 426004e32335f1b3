"""A new `run.token`: one that no run of the job was started for."""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from datetime import date

# What people count up; a longer number is one that means something else.
_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}")


def next_token(current: str, *, taken: Container[str], today: date | None) -> str:
    """The next number where the present token is one, otherwise the date, and from its second use on a number
    behind it.

    Where nobody tells the date it is a number too: the first above the one that every manifest begins with.
    """
    return next(token for token in _tokens(current, today) if token != current and token not in taken)


def _tokens(current: str, today: date | None) -> Iterator[str]:
    if today is None or _NUMBER.fullmatch(current):
        first = int(current) + 1 if _NUMBER.fullmatch(current) else 2
        yield from (str(number) for number in count(first))
        return
    yield today.isoformat()
    yield from (f"{today.isoformat()}.{number}" for number in count(2))
