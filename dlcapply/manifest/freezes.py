"""Freezes as they are written: windows of time, and what is wrong with them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dlcapply.manifest.findings import finding
from dlcapply.manifest.nodes import Node, get, items, string
from dlcapply.model.findings import Level
from dlcapply.model.jobs import Freeze
from dlcapply.secrecy import without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.manifest.nodes import Step
    from dlcapply.model.findings import Finding


def freezes_of(*lists: Node | None) -> tuple[Freeze, ...]:
    """The windows of all the lists, which have no errors."""
    return tuple(_freeze(node) for each in lists for node in items(each))


def _freeze(node: Node) -> Freeze:
    return Freeze(
        _moment(get(node, "from")), _moment(get(node, "until")), without_secrets(string(get(node, "reason")))
    )


def _moment(node: Node | None) -> datetime:
    moment = datetime.fromisoformat(string(node))
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # the first and the last hours of the calendar
        return moment.replace(tzinfo=UTC)


def bad_windows(written: Node, path: tuple[Step, ...]) -> Iterator[Finding]:
    """An error for each window that ends before it begins."""
    for index, node in enumerate(items(written)):
        freeze = _freeze(node)
        if freeze.end <= freeze.start:
            until = get(node, "until") or node
            message = "this freeze ends before it begins, and holds nothing"
            hint = "write until later than from, each with its offset"
            yield finding("freeze-window", message, until, (*path, index, "until"), hint=hint)


def overlapping_windows(written: Node, path: tuple[Step, ...]) -> Iterator[Finding]:
    """A warning for each window that begins before another one of its list has ended."""
    windows = sorted(enumerate(items(written)), key=lambda pair: _freeze(pair[1]).start)
    latest: tuple[Node, Freeze] | None = None
    for index, node in windows:
        freeze = _freeze(node)
        if latest and freeze.start < latest[1].end:
            message = f"this freeze begins before the one at {latest[0].place} has ended"
            hint = "write one window, or correct the dates"
            level = Level.WARNING
            yield finding("freeze-overlap", message, node, (*path, index), hint=hint, level=level)
        if latest is None or freeze.end > latest[1].end:
            latest = node, freeze
