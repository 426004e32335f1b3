"""Saved plans: a plan as it was reviewed, read back from its document, and compared with the plan of now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from dlcapply.errors import DlcapplyError
from dlcapply.model.claims import OwnerMarks
from dlcapply.model.drift import Drift, DriftCode, DriftedField, DriftReport
from dlcapply.model.findings import Finding, Level, Place
from dlcapply.model.jobs import Environment, Identity, View
from dlcapply.model.plans import (
    Action,
    Behaviour,
    Change,
    ClaimedRun,
    Consent,
    Context,
    Cost,
    FieldChange,
    FieldKind,
    Need,
    Plan,
    Reason,
    Scope,
    Spend,
    Target,
    Terms,
    VariableState,
)
from dlcapply.model.runs import Census, Visibility
from dlcapply.planning.digest import change_digest, digest, document_hash

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """How a plan was asked for, as far as its scope does not say it.

    `given` are the options whose values were typed and stand in the scope; `variables` are names alone, since
    values may be secrets.
    """

    paths: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    var_file: tuple[str, ...] = ()
    no_preflight: bool = False


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan in a file; times are in UTC."""

    plan: Plan
    request: Request
    created: datetime
    expires: datetime


class Divergence(NamedTuple):
    """What was approved for one job, and what would happen to it now; None where nothing."""

    name: str
    approved: Change | None
    now: Change | None


def restored(document: Document) -> SavedPlan:
    """The saved plan of a document that its schema allows.

    Raises DlcapplyError where its hash or its digest are not those of what it says: somebody edited it.
    """
    content = {key: value for key, value in document.items() if key != "hash"}
    if document["hash"] != document_hash(content):
        raise edited()
    plan = plan_of(document["plan"])
    if plan.digest != digest(scope=plan.scope, changes=plan.changes):
        raise edited()
    if [change_digest(change) for change in plan.changes] != [
        change["digest"] for change in document["plan"]["changes"]
    ]:
        raise edited()
    request = document["request"]
    return SavedPlan(
        plan,
        Request(
            tuple(request["paths"]),
            tuple(request["given"]),
            tuple(request["variables"]),
            tuple(request["var_file"]),
            request["no_preflight"],
        ),
        _time(document["created"]),
        _time(document["expires"]),
    )


def drift_report_of(document: Document) -> DriftReport:
    """The report of a document that the schema of drift allows."""
    scope = _scope(document["scope"])
    rows = (*document["drift"], *document["unclear"])
    return DriftReport(
        _environment(document["environment"], scope),
        scope,
        _census(document["census"], scope),
        Context(**document["context"]),
        tuple(_drift(row) for row in rows),
        tuple(_finding(finding) for finding in document["findings"]),
        has_journal=document["journal"],
    )


def _drift(document: Document) -> Drift:
    told = {
        **document,
        "code": DriftCode(document["code"]),
        "fields": tuple(DriftedField(**field) for field in document["fields"]),
        "source": _maybe(Place, document["source"]),
    }
    return Drift(**told)


def edited(file: str = "the saved plan") -> DlcapplyError:
    return DlcapplyError(
        f"{file} is not what was written: the file was edited",
        hint="make the plan again, with dlcapply plan --out",
    )


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError:  # the first and the last hours of the calendar, in another time zone
        raise edited() from None


def divergences(approved: Plan, now: Plan) -> tuple[Divergence, ...]:
    """Where two plans for one scope would not do the same, by name; empty when their digests are equal."""
    was_approved, is_planned = _acting(approved), _acting(now)
    names = sorted(was_approved.keys() | is_planned.keys())
    pairs = (Divergence(name, was_approved.get(name), is_planned.get(name)) for name in names)
    return tuple(pair for pair in pairs if _essence(pair.approved) != _essence(pair.now))


def _acting(plan: Plan) -> dict[str, Change]:
    return {change.name: change for change in plan.changes if change.action is not Action.UNCHANGED}


def _essence(change: Change | None) -> str:
    return change_digest(change) if change else ""


def plan_of(document: Document) -> Plan:
    """The plan that a document of `plan -o json` tells of, as far as it does."""
    scope = _scope(document["scope"])
    return Plan(
        _environment(document["environment"], scope),
        scope,
        _census(document["census"], scope),
        tuple(_change(change) for change in document["changes"]),
        tuple(_finding(finding) for finding in document["findings"]),
        document["digest"],
        tuple(_need(need) for need in document["needs"]),
        apply_command=document["apply_command"],
        context=Context(**document["context"]),
    )


def _environment(document: Document, scope: Scope) -> Environment:
    view = document["view"]
    return Environment(
        document["name"],
        scope.region,
        scope.workspace_id,
        scope.owner,
        scope.endpoint,
        scope.identity,
        view=View(view) if view else None,
        origin=scope.origin,
    )


def _census(document: Document, scope: Scope) -> Census:
    return Census(
        document["jobs"],
        document["since"],
        scope.workspace_id,
        scope.region,
        document["calls"],
        Visibility(document["sees"]),
        is_emulator=document["emulator"],
    )


def _need(document: Document) -> Need:
    return Need(document["variable"], VariableState(document["here"]), tuple(document["jobs"]))


def _scope(document: Document) -> Scope:
    return Scope(
        document["owner"],
        document["region"],
        document["workspace_id"],
        Identity(document["identity"]),
        document["prune"],
        tuple(document["select"]),
        tuple(document["exclude"]),
        document["endpoint"],
        document["allow_stops"],
        document["origin"],
    )


def _change(document: Document) -> Change:
    return Change(
        document["name"],
        Action(document["action"]),
        Reason(**document["reason"]),
        source=_maybe(Place, document["source"]),
        target=_maybe(Target, document["target"]),
        op=document["op"],
        fields=tuple(_field(field) for field in document["fields"]),
        spend=_spend(document["spend"]),
        consent=_maybe(Consent, document["consent"]),
        claims=tuple(_claim(claim) for claim in document["claims"]),
        private=document["private"],
        retry=document["retry"],
        terms=_terms(document["terms"]),
        labels=document["labels"],
        cost=_cost(document["cost"]),
    )


def _terms(document: Document | None) -> Terms | None:
    if document is None:
        return None
    not_after = document["not_after"]
    return Terms(
        document["body"],
        document["update"],
        document["token"],
        document["retries"],
        datetime.fromisoformat(not_after) if not_after else None,
    )


def _claim(document: Document) -> ClaimedRun:
    return ClaimedRun(
        document["job_id"], document["status"], OwnerMarks(**document["from"]), document["owner"]
    )


def _maybe(kind: type[Any], document: Document | None) -> Any:
    return None if document is None else kind(**document)


def _field(document: Document) -> FieldChange:
    return FieldChange(
        document["path"],
        FieldKind(document["kind"]),
        document["before"],
        document["after"],
        Behaviour(document["behaviour"]),
    )


def _cost(document: Document | None) -> Cost | None:
    if document is None:
        return None
    return Cost(document["amount"], document["currency"], tuple(document["unpriced"]))


def _spend(document: Document | None) -> Spend | None:
    if document is None:
        return None
    return Spend(
        document["accelerators"],
        document["hours"],
        tuple(document["unpriced"]),
        document["cpus"],
        document["cpu_hours"],
        tuple(document["uncounted"]),
        tuple(document["unbounded_by"]),
        tuple(document["can_exceed"]),
        document["runs"],
    )


def _finding(document: Document) -> Finding:
    place = None
    if document["file"] is not None:
        place = Place(document["file"], document["line"], document["column"])
    return Finding(
        document["rule"],
        Level(document["level"]),
        document["message"],
        document["hint"],
        place,
        document["path"],
    )
