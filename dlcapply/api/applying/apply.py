"""Applying, from Python: planned again, held against what was approved, agreed to, carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.api.applying.application import SOME_FILE, later_text, patience_text, prepared
from dlcapply.api.applying.carrying_out import Applied, apply_context, carry_out
from dlcapply.api.applying.guards import checked, hindrance
from dlcapply.api.options import (
    AT_A_TIME,
    IMAGE_PULL_TIMEOUT,
    SETTLE,
    ApplyOptions,
    PlanOptions,
    given,
    several,
    some,
    waits_for,
)
from dlcapply.api.plans.plan import check_all_read
from dlcapply.api.plans.saved import check_not_expired, plan_options_of
from dlcapply.api.review.approvals import check_alone
from dlcapply.api.waiting.progress import Silent
from dlcapply.errors import DlcapplyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from os import PathLike

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.api.waiting.progress import Progress
    from dlcapply.model.plans import Plan
    from dlcapply.planning.restored_plans import SavedPlan


def apply(  # noqa: PLR0913  the options of the command, by name
    manifests: Manifests,
    service: Service,
    *,
    consent: Callable[[Plan], bool],
    progress: Progress | None = None,
    note: Callable[[str], None] = lambda _: None,
    prune: bool = False,
    allow_replace: Iterable[str] = (),
    allow_stops: int | None = None,
    preflight: bool = True,
    expect: str | None = None,
    approved: str | PathLike[str] | Iterable[str | PathLike[str]] | None = None,
    saved: SavedPlan | None = None,
    parallelism: int = AT_A_TIME,
    fail_fast: bool = False,
    settle: float = SETTLE,
    journal_lost: bool = False,
    wait: str | None = None,
    wait_timeout: float | None = None,
    on_timeout: str = "report",
    image_pull_timeout: float = IMAGE_PULL_TIMEOUT,
    logs: bool = False,
) -> Applied:
    """The plan of now is carried out, as far as PAI and its guards allow.

    `consent` sees the plan, if it writes anything: only True is a yes. `expect` is the digest that the plan
    must have, `approved` are files or folders of saved plans outside of which nothing is done, `saved` is the
    plan that it must still be. `progress` and `note` are told what happens, and which approvals don't hold.
    Times are in seconds. Raises a DlcapplyError before anything is written where the plan is not the expected
    one, is over a limit, lacks a variable, or `consent` says no; afterwards, what failed is an outcome.
    """
    chosen = PlanOptions(prune, several("allow_replace", allow_replace), not preflight, allow_stops)
    options = ApplyOptions(
        expect=given("expect", expect),
        approved=() if approved is None else some("approved", approved),
        parallelism=parallelism,
        fail_fast=fail_fast,
        settle=settle,
        journal_lost=journal_lost,
        wait=waits_for(wait, logs=logs),
        wait_timeout=wait_timeout,
        on_timeout=on_timeout,
        image_pull_timeout=image_pull_timeout,
        logs=logs,
    )
    check_all_read(manifests)
    if options.approved:
        check_alone(plan=saved is not None, expect=options.expect)
    now, begun = service.clock.now(), service.clock.monotonic()
    if saved is not None:
        chosen = plan_options_of(saved, beside=chosen)
        check_not_expired(saved, SOME_FILE, now)
    reviewed = checked(manifests, chosen, options, saved=saved, now=now, note=note)
    application = prepared(manifests, service, chosen, options, begun=begun, reviewed=reviewed, saved=saved)
    if reason := hindrance(application):
        raise reason
    if told := later_text(application):
        note(told)
    if application.asks and consent(application.plan) is not True:
        raise DlcapplyError("not applied: the answer was no", hint="nothing was written")
    if told := patience_text(application):
        note(told)
    return carry_out(application, apply_context(application), progress or Silent())
