"""What changed on the service's side since it was last written to from here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.api.journals import journal_of
from dlcapply.api.options import PlanOptions
from dlcapply.api.plans.plan import gather_live
from dlcapply.errors import UsageError
from dlcapply.model.drift import DriftReport
from dlcapply.planning.context import context_of
from dlcapply.planning.drift import Writes, drift_of
from dlcapply.planning.planner import scope_of
from dlcapply.planning.visibility import misses_none, visibility_warnings

if TYPE_CHECKING:
    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests

_ALONE = "--drift shows what changed, and nothing of it is ever applied"


def check_alone(chosen: PlanOptions, *, out: str = "", changed: str = "") -> None:
    """Raises UsageError for options that are about changes to come."""
    given = {
        "--out": bool(out),
        "--prune": chosen.prune,
        "--allow-replace": bool(chosen.allow_replace),
        "--allow-stops": chosen.allow_stops is not None,
        "--changed": bool(changed),
    }
    for option, is_given in given.items():
        if is_given:
            hint = f"leave {option} out; dlcapply plan without --drift shows what apply would do"
            raise UsageError(f"{option} with --drift: {_ALONE}", hint=hint)


def drift(manifests: Manifests, service: Service) -> DriftReport:
    """The drift of the manifests' jobs and of other runs of this project; nothing is written, nor healed.

    Raises UsageError where nobody says whose runs are ours, ServiceError where the service can't be read
    completely.
    """
    environment = manifests.environment
    if not environment.knows_ours:
        hint = "the name says whose runs these are: without it, each would count as a stranger's"
        raise UsageError("without a project file, --drift needs --owner NAME", hint=hint)
    journal = journal_of(manifests, service)
    found = gather_live(manifests, service, PlanOptions(no_preflight=True))
    writes = Writes(journal.has_stopped, journal.moved, journal.created)
    rows = drift_of(
        manifests.jobs,
        found.live.histories,
        environment,
        found.inputs,
        writes,
        misses_none=misses_none(environment, found.census.sees),
    )
    unseen = visibility_warnings(
        manifests.jobs, environment, sees=found.census.sees, why_unknown=found.inputs.view_unknown
    )
    return DriftReport(
        environment,
        scope_of(environment, found.inputs),
        found.census,
        context_of(found.inputs.now, found.inputs.zone),
        rows,
        tuple(unseen),
        has_journal=journal.knows_target,
    )
