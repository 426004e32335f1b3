"""What must hold before an apply writes anything, whatever anybody answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.api.plans.plan import check_prune
from dlcapply.api.plans.saved import check_target, plan_again_command
from dlcapply.api.review.approvals import approvals_from
from dlcapply.errors import DeniedError, DlcapplyError, StaleError, UsageError
from dlcapply.model.plans import VariableState
from dlcapply.planning.needs import needs_of
from dlcapply.planning.visibility import denied_starts
from dlcapply.rendering.text.needs import lacking_hint, lacking_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from dlcapply.api.applying.application import Application
    from dlcapply.api.load import Manifests
    from dlcapply.api.options import ApplyOptions, PlanOptions
    from dlcapply.api.review.approvals import Reviewed
    from dlcapply.planning.restored_plans import SavedPlan


def checked(
    manifests: Manifests,
    chosen: PlanOptions,
    options: ApplyOptions,
    *,
    saved: SavedPlan | None,
    now: datetime,
    note: Callable[[str], None],
) -> Reviewed | None:
    """The approvals, if any are named; raises a DlcapplyError for what may not even be planned."""
    if saved is not None:
        check_target(saved, manifests)
    check_owner(manifests)
    if chosen.prune:
        check_prune(manifests)
    if not options.approved:
        return None
    return approvals_from(options.approved, manifests.environment, now=now, note=note)


def check_owner(manifests: Manifests) -> None:
    """Raises UsageError where nobody says whose the runs are."""
    if not manifests.environment.knows_ours:
        raise UsageError(
            "without a project file, apply needs --owner NAME",
            hint="the name says whose runs these are, so that no two teams share one by accident",
        )


def hindrance(application: Application) -> DlcapplyError | None:
    """Why the plan may not be carried out at all, whatever anybody answers."""
    plan, expected = application.plan, application.options.expect
    if application.saved is not None and application.differs:
        again = plan_again_command(application.saved, application.saved_as)
        return StaleError(
            "the saved plan is no longer what would be done; nothing was written",
            hint=f"review the new plan, and save it: {again}",
        )
    if expected and expected != plan.digest:
        return StaleError(
            f"the plan is not the approved one: approved {expected}, now {plan.digest}",
            hint="nothing was written; review the new plan, and approve it",
        )
    if plan.denials:
        denial = plan.denials[0]
        where = f"{denial.path}: " if denial.path else ""
        return DeniedError(f"{denial.rule}: {where}{denial.message}", hint=denial.hint)
    if unseen := denied_starts(plan):
        return unseen
    needs = needs_of(application.starting, application.manifests.environ)
    if lacking := [need for need in needs if need.here is not VariableState.SET]:
        return DlcapplyError(lacking_text(lacking), hint=lacking_hint(lacking))
    return None
