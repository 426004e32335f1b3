"""Unchanged jobs whose run failed or was stopped: a plan without changes is not a plan without trouble.

A job that is declared stopped is not one of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model.plans import Action
from dlcapply.model.runs import FAILURES, PHASES, Phase
from dlcapply.planning.decisions import Why

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from dlcapply.model.plans import Change

# How many there are, in a document's summary.
FAILED_KEY, STOPPED_KEY = "unchanged_failed", "unchanged_stopped"


def failed(changes: Iterable[Change]) -> tuple[Change, ...]:
    return _standing(changes, FAILURES)


def stopped(changes: Iterable[Change]) -> tuple[Change, ...]:
    return _standing(changes, {Phase.STOPPED})


def fell_short(changes: Collection[Change]) -> tuple[Change, ...]:
    """The jobs whose run failed, and those whose run was stopped."""
    return (*failed(changes), *stopped(changes))


def counts(changes: Collection[Change]) -> dict[str, int]:
    return {FAILED_KEY: len(failed(changes)), STOPPED_KEY: len(stopped(changes))}


def _standing(changes: Iterable[Change], phases: Collection[Phase]) -> tuple[Change, ...]:
    return tuple(
        change
        for change in changes
        if change.action is Action.UNCHANGED
        and change.reason.code != Why.NOT_WANTED
        and change.target is not None
        and PHASES.get(change.target.status) in phases
    )
