"""The saved plans of merged pull requests, fetched from GitHub for `apply --approved`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from dlcapply.api.load import judged
from dlcapply.api.options import REVIEW_WORKFLOW
from dlcapply.api.plans.saved import opened, target_mismatch
from dlcapply.disk import write_folder
from dlcapply.errors import InvalidManifestsError, UsageError
from dlcapply.forge.approved.search import Found, Judged, Question, merged_plans
from dlcapply.forge.checks import check_name
from dlcapply.manifest.files.saved_plan import read_plan_document, saved_plan_of
from dlcapply.model.plans import Action
from dlcapply.model.verdicts import Verdict
from dlcapply.planning.approvals import approvals_of
from dlcapply.planning.restored_plans import plan_of
from dlcapply.rendering.rows.approvals import ApprovalRow, ApprovedPlans

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from dlcapply.api.options import TargetOptions
    from dlcapply.forge.service import Reviewing
    from dlcapply.model.jobs import Environment
    from dlcapply.model.plans import Change, Plan
    from dlcapply.planning.restored_plans import SavedPlan

_WORKFLOWS = ".github/workflows/"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which plans: of what was merged within so many seconds, and where `pending` is given, what it needs.

    Empty texts stand for the environment's own artefact, and for the repository's default branch.
    """

    workflow: str
    within: float
    artifact: str = ""
    branch: str = ""
    pending: Plan | None = None


@dataclass(frozen=True, slots=True)
class Approved:
    """The merged pull requests that were looked at, and the names of the files of the plans that were taken.

    `is_whole` is false where the search ended before the list did, since all that is to come was approved.
    """

    judged: tuple[Judged, ...]
    files: Mapping[int, str] = field(default_factory=dict)
    is_whole: bool = True


def environment_of(target: TargetOptions, environ: Mapping[str, str]) -> Environment:
    """Where the plans must lead; the manifests themselves need not be valid. Raises as `load` does."""
    loaded = judged(target, environ, needs_jobs=False)
    environment = loaded.environment
    if environment is None:
        raise InvalidManifestsError(loaded.findings)
    if not environment.owner:
        raise UsageError("nobody owns the plans that are looked for", hint="name the owner: --owner NAME")
    return environment


def pending_of(file: str) -> Plan:
    """The plan of a file, saved or in JSON, whose changes are still to come.

    It only says how far to look, so nobody has to have vouched for it. Raises DlcapplyError for other files.
    """
    return plan_of(read_plan_document(file))


def fetch_approved(
    environment: Environment, wanted: Wanted, repository: Reviewing, *, now: datetime
) -> Approved:
    """The plans of merged pull requests that hold, and what became of the others; nothing is written.

    Raises ForgeError where anything could not be read: what is not known is not taken for "no approvals".
    """
    _check_workflow(wanted.workflow)
    _check_pending(wanted.pending, environment)
    looked_at: list[Judged] = []
    is_met = _is_met(wanted.pending, looked_at, now)
    if not is_met:
        for one in merged_plans(repository, _question(environment, wanted, looked_at, now)):
            looked_at.append(one)
            if is_met := one.found is not None and _is_met(wanted.pending, looked_at, now):
                break
    return Approved(tuple(looked_at), _file_names(looked_at), is_whole=not is_met)


def _check_workflow(path: str) -> None:
    name = path.removeprefix(_WORKFLOWS)
    if not path.startswith(_WORKFLOWS) or not name or "/" in name or not name.endswith((".yml", ".yaml")):
        raise UsageError(
            f"--workflow {path} is not the file of a workflow",
            hint=f"such as {REVIEW_WORKFLOW}, from the repository's top",
        )


def _check_pending(pending: Plan | None, environment: Environment) -> None:
    """Raises UsageError for a plan of elsewhere: nothing of it could be approved here."""
    if pending is not None and pending.scope.owner != environment.owner:
        raise UsageError(f"--for names a plan of {pending.scope.owner}, and this is {environment.owner}")


def _question(environment: Environment, wanted: Wanted, before: Sequence[Judged], now: datetime) -> Question:
    return Question(
        artifact=wanted.artifact or f"dlcapply-plan-{environment.name}",
        check=check_name(environment.owner),
        workflow=wanted.workflow,
        branch=wanted.branch,
        since=now - timedelta(seconds=wanted.within),
        now=now,
        read=_read,
        mismatch=lambda saved: _mismatch(saved, environment),
        is_needed=lambda saved: _is_needed(saved, wanted.pending, before, now),
    )


def _read(text: bytes) -> Found:
    document = saved_plan_of(text, "its plan")
    return Found(opened("its plan", document), document["hash"], text)


def _mismatch(saved: SavedPlan, environment: Environment) -> str:
    words = target_mismatch(saved, environment, but=("name",))
    return f"its plan {words}" if words else ""


def _is_needed(saved: SavedPlan, pending: Plan | None, before: Iterable[Judged], now: datetime) -> bool:
    if pending is None:
        return True
    return any(_holds([saved.plan], change, now) for change in _open(pending, before, now))


def _is_met(pending: Plan | None, before: Iterable[Judged], now: datetime) -> bool:
    return pending is not None and not _open(pending, before, now)


def _open(pending: Plan, before: Iterable[Judged], now: datetime) -> list[Change]:
    """The changes to come that nothing taken approves yet."""
    plans = [one.found.saved.plan for one in before if one.found]
    return [change for change in pending.changes if _asks(change) and not _holds(plans, change, now)]


def _asks(change: Change) -> bool:
    """Whether an approval could let it happen; so could one that carries the consent it lacks."""
    return change.action.writes or change.op != "" or _lacks_consent(change)


def _lacks_consent(change: Change) -> bool:
    return change.action is Action.BLOCKED and change.consent is not None and not change.consent.given


def _holds(plans: Sequence[Plan], change: Change, now: datetime) -> bool:
    if _lacks_consent(change):
        return any(_replaces(approved, change) for plan in plans for approved in plan.changes)
    return approvals_of(plans, now=now).hold(change)


def _replaces(approved: Change, blocked: Change) -> bool:
    """Whether it is what the blocked change would be, once somebody consents."""
    is_consented = (
        approved.action is Action.REPLACE and approved.consent is not None and approved.consent.given
    )
    is_same = (approved.name, approved.target_id) == (blocked.name, blocked.target_id)
    return is_consented and is_same and approved.terms == blocked.terms


def _file_names(judged: Iterable[Judged]) -> dict[int, str]:
    """By pull request, in the order of the merges: of several approvals, `apply` tells of the last."""
    taken = [one.pull for one in judged if one.verdict is Verdict.TAKEN and one.pull.merged]
    return {pull.number: f"{pull.merged:%Y%m%dT%H%M%SZ}-{pull.number}.json" for pull in taken}


def report_of(approved: Approved, *, owner: str, folder: str, requests: int) -> ApprovedPlans:
    """What is told of it; without a folder, nothing was written."""
    rows = tuple(_row(one, approved.files if folder else {}) for one in approved.judged)
    return ApprovedPlans(owner, folder, rows, approved.is_whole, requests)


def _row(one: Judged, files: Mapping[int, str]) -> ApprovalRow:
    row = ApprovalRow(one.pull.number, one.verdict, one.why)
    if one.found is None:
        return row
    file = files.get(one.pull.number, "")
    return replace(row, file=file, hash=one.found.hash, expires=one.found.saved.expires)


def write_approved(approved: Approved, folder: str) -> None:
    """The folder holds the plans that were taken, a file each, all of them or none."""
    found = {one.pull.number: one.found for one in approved.judged if one.found}
    write_folder(folder, {name: found[number].text for number, name in approved.files.items()})
