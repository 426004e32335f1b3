"""Time zones, by their IANA names."""

from __future__ import annotations

import re
from datetime import UTC
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import tzinfo

DEFAULT_ZONE = str(UTC)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{0,30}(/[A-Za-z][A-Za-z0-9_+-]{0,30}){0,3}")
# What each machine has of its own under these names.
_LOCAL = frozenset({"localtime", "posixrules"})


def zone_of(name: str) -> tzinfo:
    """The time zone of that name, which is its text; ValueError where this machine knows none.

    UTC is known wherever no database of time zones is installed.
    """
    if name == DEFAULT_ZONE:
        return UTC
    if _NAME.fullmatch(name) is None or name in _LOCAL:
        raise ValueError(name)
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # a folder of the database is no file
        raise ValueError(name) from error
