"""The moment of a plan, as people who write policies speak of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model.plans import Context

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def context_of(now: datetime, zone: tzinfo) -> Context:
    """The moment on the clocks of the zone, whose name is its text."""
    there = now.astimezone(zone)
    return Context(there.date().isoformat(), WEEKDAYS[there.weekday()], there.hour, str(zone))
