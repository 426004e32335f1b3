"""Saved plans for people: when they hold, and where the plan of now is another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.planning.approvals import grants_retries
from dlcapply.planning.digest import difference
from dlcapply.planning.reasons import listed
from dlcapply.rendering.text.lines import DETAIL_INDENT, Line, Span, Style, line, sections
from dlcapply.rendering.text.plan_words import LOOKS
from dlcapply.rendering.text.plans import plan_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from dlcapply.model.plans import Change
    from dlcapply.planning.restored_plans import Divergence, SavedPlan

_MOST_NAMES = 8


def saved_plan_lines(saved: SavedPlan, *, now: datetime, apply_command: str, full: bool) -> list[Line]:
    """The plan as it was reviewed, and until when it may be applied."""
    is_expired = now >= saved.expires
    until = f"{saved.expires:%Y-%m-%d %H:%M} UTC"
    validity = Span(f"expired at {until}", Style.BAD) if is_expired else Span(f"may be applied until {until}")
    head = line(f"Saved at {saved.created:%Y-%m-%d %H:%M} UTC, ", validity, ".")
    command = "" if is_expired else apply_command
    about = [head, *_retries(saved, full=full)]
    return sections(about, plan_lines(saved.plan, apply_command=command, full=full))


def _retries(saved: SavedPlan, *, full: bool) -> Iterator[Line]:
    """What an approval of the plan covers beyond its changes."""
    granting = filter(grants_retries, saved.plan.changes)
    granted = [f"{change.name} ({change.terms.retries})" for change in granting if change.terms]
    if granted:
        names = listed(granted, most=len(granted) if full else _MOST_NAMES)
        yield line(f"As an approval it covers the retries of {names} too.")


def divergence_lines(divergences: Sequence[Divergence]) -> list[Line]:
    """Job by job, what was approved, and what would happen now."""
    lines = [line("The plan is not the approved one:")]
    for name, approved, now in divergences:
        lines.append(line("  ", Span(name, Style.STRONG)))
        lines += _side("approved", approved)
        lines += _side("now", now, note=_unseen(approved, now))
    return lines


def _unseen(approved: Change | None, now: Change | None) -> str:
    """What differs where both sides look alike."""
    if approved is None or now is None or list(_side("", approved)) != list(_side("", now)):
        return ""
    return f", {difference(approved, now)}"


def _side(word: str, change: Change | None, *, note: str = "") -> Iterator[Line]:
    if change is None:
        yield line(f"{DETAIL_INDENT}{word:<9} ", Span("nothing", Style.FAINT))
        return
    look = LOOKS[change.action]
    run = f" {change.target.job_id} ({change.target.status})" if change.target else ""
    paths = ", ".join(field.path for field in change.fields)
    yield line(
        f"{DETAIL_INDENT}{word:<9} ",
        Span(f"{look.glyph} {change.action.value}", look.style),
        f"{run}{f': {paths}' if paths else ''}{note}",
    )
