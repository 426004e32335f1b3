"""The first line of a report about runs: where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.rendering.text.lines import Line, Span, Style, line

if TYPE_CHECKING:
    from dlcapply.rendering.rows.where import Where


def where_line(where: Where) -> Line:
    """Environment, workspace, region and endpoint; of an emulator, that nothing there is real."""
    at = (
        Span("on the emulator: no run is real", Style.CHANGED)
        if where.is_emulator
        else Span(f"at {where.endpoint}")
    )
    name = f"{where.environment}: " if where.environment != f"{where.region}/{where.workspace_id}" else ""
    return line(f"{name}{place_text(where)}, ", at)


def place_text(where: Where) -> str:
    return f"workspace {where.workspace_id} in {where.region}"
