"""What claims do in a plan: the runs that they decide about, and the void ones, which decide nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model.findings import Finding, Level
from dlcapply.model.plans import ClaimedRun
from dlcapply.planning.decisions import Why
from dlcapply.planning.ownership import calls_ours, carried
from dlcapply.planning.reasons import describe_void

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dlcapply.model.jobs import Environment
    from dlcapply.model.runs import Run
    from dlcapply.planning.history import History

_CORRECT = "say under from what the run's own marks say (dlcapply adopt does), or take the claim out"


def deciding_claims(
    history: History, environment: Environment, *, also: Run | None = None
) -> tuple[ClaimedRun, ...]:
    """The claims on our newest run, on those under way, and on what bears our marks and was given away.

    `also`: an older run that decides all the same.
    """
    ours = [run for run in history.ours if run in (history.newest, also) or not run.is_terminal]
    given = [run for run in (*history.rivals, *history.past) if calls_ours(carried(run), environment)]
    return tuple(
        ClaimedRun(run.job_id, run.status, run.claim.giver, run.claim.owner)
        for run in (*ours, *given)
        if run.claim is not None
    )


def void_text(history: History) -> str:
    """What the void claims on runs of the name say that is not so."""
    return "; ".join(describe_void(run, run.void_claim) for run in history.disputed if run.void_claim)


def void_claims(by_name: Mapping[str, History]) -> Iterable[Finding]:
    """A warning for each void claim, at its place in the file."""
    for name, history in sorted(by_name.items()):
        for run in history.disputed:
            if run.void_claim is not None:
                message = f"{name}: {describe_void(run, run.void_claim)}"
                yield Finding(Why.VOID_CLAIM, Level.WARNING, message, _CORRECT, run.void_claim.place)
