"""What was measured of a run: for each metric a table of its pods, each with its curve."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from dlcapply.model.answers import pod_name
from dlcapply.rendering.text.lines import EMPTY, Line, Span, Style, line
from dlcapply.rendering.text.notes import folded, note_lines
from dlcapply.rendering.text.run_heads import head_lines
from dlcapply.rendering.text.sparklines import BLOCKS, sparkline
from dlcapply.rendering.text.tables import Column, Cut, Row, table_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlcapply.model.curves import Curve, Curves
    from dlcapply.rendering.rows.inspection import Measured

_CURVE = 24
# Of a run with more pods than these, the ones that do the least and the most tell what is wrong.
_MOST_PODS, _LEAST_BUSY, _BUSIEST = 20, 8, 4
_COLUMNS = (
    Column("POD", cut=Cut.MIDDLE, least=12),
    Column("MIN", goes=2, is_number=True),
    Column("MEDIAN", is_number=True),
    Column("MAX", goes=3, is_number=True),
    Column("LAST", goes=4, is_number=True),
    Column("CURVE", goes=1),
)
_LONGEST_RANK = 10
_UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_WHOLE_RUN = "(the run)"


def metrics_lines(
    measured: Measured, *, width: int | None, glyphs: str = BLOCKS, full: bool = False
) -> list[Line]:
    """The tables, none wider than `width`, of every pod with `full`; curves of one metric share a scale."""
    lines = head_lines(measured.head)
    lines += [_window(measured.metrics[0])] if measured.metrics else []
    for curves in measured.metrics:
        if curves.curves:
            shown = list(curves.curves) if full else _chosen(curves.curves)
            lines += [EMPTY, _title(curves), *_table(curves, shown, measured.head.job_id, width, glyphs)]
            lines += _left_out(curves.curves, shown, width)
    return [*lines, *note_lines(measured.notes, width)]


def _window(curves: Curves) -> Line:
    """The time, which all metrics of a report share."""
    return line(f"from {curves.start:%Y-%m-%d %H:%M:%S} to {curves.end:%Y-%m-%d %H:%M:%S} UTC")


def _title(curves: Curves) -> Line:
    by = ", of CloudMonitor" if curves.source == "GetMetrics" else ""
    unit = ", percent" if is_percent(curves.metric) else ""
    return line(Span(curves.metric, Style.STRONG), f"{unit}, every {_step(int(curves.step))}{by}")


def _step(seconds: int) -> str:
    """`10s`, `5m`, `1h`."""
    units = ((3600, "h"), (60, "m"), (1, "s"))
    return next(f"{seconds // size}{unit}" for size, unit in units if seconds % size == 0)


def is_percent(metric: str) -> bool:
    """Whether the metric is a part of what there is; of the others PAI does not document the unit."""
    return metric.endswith("Usage")


def _chosen(curves: Sequence[Curve]) -> list[Curve]:
    """All, or of many pods those of the least and of the greatest medians."""
    if len(curves) <= _MOST_PODS:
        return list(curves)
    ranked = sorted(curves, key=lambda curve: (curve.middle, *_place(curve)))
    return [*ranked[:_LEAST_BUSY], *ranked[-_BUSIEST:]]


def _left_out(curves: Sequence[Curve], shown: Sequence[Curve], width: int | None) -> list[Line]:
    if not (left := len(curves) - len(shown)):
        return []
    middle = amount(median(curve.middle for curve in curves))
    told = f"{left:,} more pods lie between them, the median of all is {middle}; --all shows them"
    return [line(Span(text, Style.FAINT)) for text in folded(told, width)]


def _table(curves: Curves, shown: Sequence[Curve], job_id: str, width: int | None, glyphs: str) -> list[Line]:
    highest = max(curve.high for curve in curves.curves)
    top = 100.0 if is_percent(curves.metric) and highest <= 100.0 else highest  # noqa: PLR2004  percent
    rows = [_row(curve, curves, job_id, top, glyphs) for curve in sorted(shown, key=_place)]
    return table_lines(_COLUMNS, rows, width)


def _place(curve: Curve) -> tuple[str, int, str]:
    """By role, and within one by rank: `worker-2` comes before `worker-10`."""
    role, _, rank = curve.pod_id.rpartition("-")
    is_ranked = rank.isdecimal() and rank.isascii() and len(rank) < _LONGEST_RANK
    return (role, int(rank), curve.pod_id) if is_ranked else (curve.pod_id, 0, curve.pod_id)


def _row(curve: Curve, curves: Curves, job_id: str, top: float, glyphs: str) -> Row:
    length = (curves.end - curves.start).total_seconds() or 1.0
    points = [((point.at - curves.start).total_seconds() / length, point.value) for point in curve.points]
    pod = pod_name(curve.pod_id, job_id) or _WHOLE_RUN
    numbers = map(amount, (curve.low, curve.middle, curve.high, curve.last))
    return Row((pod, *numbers, sparkline(points, _CURVE, top=top, glyphs=glyphs)))


def amount(value: float) -> str:
    """A value in at most some five characters: `83`, `0.5`, `120M`."""
    for size, unit in _UNITS:
        if abs(value) >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.3g}"
