"""The first lines of a report about one run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model.runs import phase_of
from dlcapply.rendering.text.lines import Line, Span, Style, line
from dlcapply.rendering.text.statuses import PHASE_STYLES
from dlcapply.rendering.text.where import where_line

if TYPE_CHECKING:
    from dlcapply.rendering.rows.inspection import RunHead


def head_lines(head: RunHead) -> list[Line]:
    """Where, and which run; one that is not ours is told to be none of ours."""
    notes = [f"runs as {head.called}"] if head.called else []
    notes += [] if head.is_ours else ["not ours"]
    told = f"  ({', '.join(notes)})" if notes else ""
    status = Span(head.status or "-", PHASE_STYLES[phase_of(head.status)])
    return [
        where_line(head.where),
        line(Span(head.name, Style.STRONG), "  ", status, f"  {head.job_id}{told}"),
    ]
