"""The first line of a report about runs: where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.rendering.text.lines import Line, Span, Style, line

if TYPE_CHECKING:
    from dlcapply.rendering.rows.where import Where

_EMBEDDED = "emulator"  # the endpoint of the one that lives in the command


def where_line(where: Where) -> Line:
    """Environment, workspace, region and endpoint; of an emulator, that nothing there is real."""
    at = Span(f"at {where.endpoint}")
    if where.is_emulator:
        unreal = ": no run is real" if where.endpoint == _EMBEDDED else ""
        at = Span(f"{emulator_text(where.endpoint)}{unreal}", Style.CHANGED)
    name = f"{where.environment}: " if where.environment != f"{where.region}/{where.workspace_id}" else ""
    return line(f"{name}{place_text(where)}, ", at)


def emulator_text(endpoint: str) -> str:
    """Which emulator it is."""
    return "on the emulator" if endpoint == _EMBEDDED else f"at the emulator {endpoint}"


def place_text(where: Where) -> str:
    return f"workspace {where.workspace_id} in {where.region}"
