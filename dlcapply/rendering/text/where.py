"""The first line of a report about runs: where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.rendering.text.lines import Line, Span, Style, line

if TYPE_CHECKING:
    from dlcapply.rendering.report_rows import Where


def where_line(where: Where) -> Line:
    """Environment, workspace, region and endpoint; of an emulator, that nothing there is real."""
    at = (
        Span("on the emulator: no run is real", Style.CHANGED)
        if where.is_emulator
        else Span(f"at {where.endpoint}")
    )
    place = f"{where.region}/{where.workspace_id}"
    name = f"{where.environment}: " if where.environment != place else ""
    return line(f"{name}workspace {where.workspace_id} in {where.region}, ", at)
