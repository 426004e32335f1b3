"""Times as PAI writes them, how ours are written, and what lies between two of them."""

from __future__ import annotations

from datetime import UTC, datetime

# Earlier ones are how services write that there is no time (0001 is Go's); later ones can't be reckoned with.
_YEARS = range(1970, 9000)


def moment(value: object) -> datetime | None:
    """The time in UTC that an answer has there; None where it has none that can be read."""
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else None
        return in_utc(time) if time else None
    except ValueError:
        return None


def in_utc(time: datetime) -> datetime | None:
    """The time in UTC, as which one without a zone is taken; None for one that nothing happens at."""
    try:
        told = (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        return None
    return told if told.year in _YEARS else None


def utc_text(time: datetime) -> str:
    """The time as PAI takes it, and as our documents have it, to the second: `2026-11-29T08:00:00Z`."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def seconds_between(start: datetime | None, end: datetime | None) -> int | None:
    """Whole seconds, none where a clock went backwards; None where one of the times is not known."""
    return None if start is None or end is None else max(0, int((end - start).total_seconds()))
