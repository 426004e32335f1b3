"""Times as PAI writes them, how ours are written, and what lies between two of them."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(value: object) -> datetime | None:
    """The time in UTC that an answer has there; None where it has none that can be read."""
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else None
        return time and (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def utc_text(time: datetime) -> str:
    """The time as PAI takes it, and as our documents have it, to the second: `2026-11-29T08:00:00Z`."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def seconds_between(start: datetime | None, end: datetime | None) -> int | None:
    """Whole seconds, none where a clock went backwards; None where one of the times is not known."""
    return None if start is None or end is None else max(0, int((end - start).total_seconds()))
