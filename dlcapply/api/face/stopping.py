"""Stopping runs by hand, from Python: shown, agreed to, stopped, and whether an apply starts them again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.api.acting.after_stop import what_follows
from dlcapply.api.acting.meant import StopRequest
from dlcapply.api.acting.stop import (
    STOP_PATIENCE,
    StopOptions,
    signals_of,
    stop_context,
    to_stop,
)
from dlcapply.api.face.whole import check_whole
from dlcapply.api.journals import note_what_ended
from dlcapply.api.options import AT_A_TIME, check_flag, given, several, signal_name, some
from dlcapply.applying.stops_by_hand import stop_shown
from dlcapply.errors import DlcapplyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dlcapply.api.acting.stop import ToStop
    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.model.stops import StopOutcome
    from dlcapply.rendering.rows.actions import FollowsRow


@dataclass(frozen=True, slots=True)
class Stopped:
    """The runs that were shown, what became of those to be stopped, and what the next apply does about it."""

    shown: ToStop
    outcomes: tuple[StopOutcome, ...] = ()
    follows: tuple[FollowsRow, ...] = ()


def stop(  # noqa: PLR0913  the options of the command, by name
    manifests: Manifests,
    service: Service,
    *names: str,
    consent: Callable[[ToStop], bool],
    select: str | Iterable[str] | None = None,
    exclude: str | Iterable[str] = (),
    every: bool = False,
    not_ours: bool = False,
    allow_protected: str | Iterable[str] = (),
    signal: str | None = None,
    grace: float | None = None,
    stop_anyway: bool = False,
    wait: bool = True,
    wait_timeout: float = STOP_PATIENCE,
    parallelism: int = AT_A_TIME,
    progress: Callable[[StopOutcome], None] = lambda _: None,
) -> Stopped:
    """The runs that names of jobs, JobIds or patterns mean, or `every` one of ours that goes on, are stopped.

    `consent` sees them with what is lost, if any is to be stopped: only True is a yes. With `signal` they
    get `grace` seconds to end by themselves. `progress` is told of each once its end is known. Raises a
    DlcapplyError before anything is stopped where a name means no run, or one of others, or `consent` says
    no; afterwards, what failed is an outcome.
    """
    for name, flag in (("every", every), ("not_ours", not_ours)):
        check_flag(name, flag)
    request = StopRequest(
        names=several("names", names),
        select=() if select is None else some("select", select),
        exclude=several("exclude", exclude),
        every=every,
        not_ours=not_ours,
        allow_protected=several("allow_protected", allow_protected),
    )
    asked = signal_name(given("signal", signal)) if signal is not None else ""
    options = StopOptions(asked, grace, stop_anyway, wait, wait_timeout, parallelism)
    check_whole(manifests, "stop")
    note_what_ended(manifests, service)
    shown = to_stop(manifests, service, request)
    if not shown.chosen:
        return Stopped(shown)
    if consent(shown) is not True:
        raise DlcapplyError("not stopped: the answer was no", hint="nothing was stopped")
    outcomes = stop_shown(
        shown.chosen,
        stop_context(manifests, service, patience=options.wait_timeout),
        options.manner,
        signals_of(service),
        seen=shown.seen,
        report=progress,
    )
    return Stopped(shown, outcomes, what_follows(manifests, service, outcomes))
