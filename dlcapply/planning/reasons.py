"""The text of each reason code: what is the case, and what to do about it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dlcapply.model.plans import Reason
from dlcapply.planning.decisions import Why
from dlcapply.planning.marks import ORIGIN_TAG
from dlcapply.planning.ownership import carried
from dlcapply.planning.whose import by_claim, owner_text, whose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlcapply.model.claims import Claim
    from dlcapply.model.jobs import Job
    from dlcapply.model.plans import ClaimedRun
    from dlcapply.model.runs import Ownership, Run
    from dlcapply.planning.run_progress import Spent

# {run} is "dlc… (Status)"; the other names are filled in by the planner.
TEXTS: dict[Why, str] = {
    Why.FIRST_RUN: "no run of this job yet",
    Why.NEW_SPEC: "the spec changed since {run}",
    Why.NEW_TOKEN: "run.token asks for a new run after {run}",
    Why.RETRY: "{run}: retry {retry} of {retries}",
    Why.IN_PLACE: "PAI changes this in {run}",
    Why.REPLACE: "stops {run} and starts a new run; {loss} are lost",
    Why.STATE_STOPPED: "run.state is stopped, and {run} is not; stopping it loses {loss}",
    Why.IDLE: "{run} is idle: {idle}; stopping it loses {loss}",
    Why.ORPHAN: "no manifest declares {run} any more; stopping it loses {loss}",
    Why.EQUAL: "{run} is as declared",
    Why.IGNORED: "PAI would ignore a change of {paths} in {run} now",
    Why.SUCCEEDED: "{run} is done, and nothing that its result depends on changed",
    Why.DONE_BEFORE: "{run} has succeeded with this very spec and token; {again}",
    Why.FAILED: "{run}{retried}; {again}",
    Why.FAILED_RESERVING: (
        "{run} has failed, and still holds its resources; nothing is decided before it has given them back"
    ),
    Why.STOPPED: "{run}, and a stop is final; {again}",
    Why.OUT_OF_TIME: ("{run} was stopped by its time limit; raise JobMaxRunningTimeMinutes, or {again}"),
    Why.WORKSPACE_RULE: (
        "{run} was stopped by a rule of the workspace; have it changed, or keep to it, then {again}"
    ),
    Why.NEW_CIRCUMSTANCES: "{run}, and {paths} changed since: a new run may end in another way",
    Why.RETURNED: "{run} of this very spec and token was stopped, and other runs came between",
    Why.RAN_BEFORE: (
        "{done} was started for this very spec and token, and {run} of another is under way; let it end,"
        " or {again}"
    ),
    Why.CIRCUMSTANCE: (
        "{run} keeps its {paths}: that changes no result, and the next run will have what the manifest says"
        "{instead}"
    ),
    Why.NEXT_RUN: "{run} keeps its {paths}: the next run will have what the manifest says",
    Why.NOT_WANTED: "run.state is stopped, and nothing runs: {run}",
    Why.RERUN_ON_TOKEN: ("the spec changed since {run}, and with run.rerunOn: token {only_token}"),
    Why.PAST_NOT_AFTER: "run.notAfter has passed ({not_after}), so nothing is created; a later one allows it",
    Why.STOPPING: "until {run} has stopped",
    Why.ON_CHANGE_WAIT: "until {run} has ended: {asks} a new run",
    Why.ON_CHANGE_BLOCK: (
        "{asks} a new run, and {run} is active; let it end, or set run.onChange to wait or replace"
    ),
    Why.NEEDS_CONSENT: "replacing {run} needs --allow-replace {name}; {loss} are lost",
    Why.PROTECTED: "{run} is protected; set run.protect to false to stop or replace it",
    Why.MARK_PROTECTED: (
        "{run} is protected by its own marks, and no claim lifts that; to stop it all the same: {stop}"
    ),
    Why.ORPHAN_CLAIMED: (
        "no manifest declares {run} any more, and prune leaves alone what is ours only by a claim on"
        " another's marks; take the claim out of dlcapply.claims.yaml"
    ),
    Why.VOID_CLAIM: "{void}; correct dlcapply.claims.yaml",
    Why.ORPHAN_PROTECTED: (
        "{run} is protected, although no manifest declares it any more; to stop it all the same: {stop}"
    ),
    Why.CONFLICT: "several runs of this job are under way: {runs}; stop all but the newest: {stop}",
    Why.OPERATION_DONE: (
        "the journal notes that {gone} was created for this very spec and token, and PAI shows no such run"
        " here; if it was removed, change run.token to ask for a new one, else look with an identity that may"
        " see it"
    ),
    Why.LOOKS_RENAMED: (
        "looks renamed: {renamed_from} ran this spec and token as {former}, and no manifest has that name any"
        " more; metadata.formerly: [{former}] goes on with it, a new run.token asks for a new run"
    ),
    Why.ORPHAN_RENAMED: (
        "no manifest declares {run} any more, and {heir} looks like it, renamed: it is not stopped before"
        " that manifest has metadata.formerly: [{former}], or a new run.token"
    ),
    Why.ORPHAN_HELD: (
        "no manifest declares {run} any more; prune does not stop it while {missing} is kept from starting"
    ),
    Why.OUTLIVED: (
        "{runs} is under way, although {run} is newer and has ended; stop it ({stop}), or let it end"
    ),
    Why.ORPHAN_CONFLICT: (
        "no manifest declares them any more, and prune stops one run of a name: {runs}; to stop them: {stop}"
    ),
    Why.NAME_TAKEN: "{runs}; {adopt}give this job another name",
    Why.LOOKS_MOVED: (
        "looks moved: {moved}; name {moved_from} under metadata.formerOrigins,"
        " {adopt_moved}or give this project or this job another name"
    ),
    Why.FROZEN: "nothing starts before {frozen}: {then}",
    Why.UNKNOWN_STATUS: "{run}: dlcapply does not know this status, and leaves the run alone",
}


def reason(why: Why, run: Run | None, **details: object) -> Reason:
    """The reason with its words; `details` fill the names that its text uses, `name` is the job's."""
    told = describe(run, job=str(details.get("name", "")))
    return Reason(why.value, TEXTS[why].format(run=told, **details))


def describe_other(run: Run, ownership: Ownership, *, job: str) -> str:
    """The run, and why it is not the job's."""
    name = "this name" if run.name == job else f"the former name {run.name}"
    return f"{describe(run)} has {name} and is {whose(run, ownership)}"


def describe_moved(run: Run, *, origin: str) -> str:
    """What makes it look as if the manifests had moved: where the run is from, and where these are."""
    here = f"this project is {origin}" if origin else "nobody knows which repository this project is"
    return f"{describe(run)} is a run of {run.tags[ORIGIN_TAG]}, and {here}"


def describe_claim(claimed: ClaimedRun, *, owner: str) -> str:
    """Whose the run counts as for the owner, and what its marks say."""
    run = f"{claimed.job_id} ({claimed.status})"
    return f"{run} is {by_claim(claimed.owner, claimed.giver, owner=owner)}"


def describe_void(run: Run, claim: Claim) -> str:
    """What the claim says that is not so."""
    if claim.name != run.name:
        return (
            f"the claim on {describe(run)}, for the name {claim.name}, is void: the run is called {run.name}"
        )
    giver = owner_text(claim.giver) if claim.giver.owner else "nobody"
    marked = carried(run)
    whose = f"the marks of {owner_text(marked)}" if marked.owner else "no owner's mark"
    return f"the claim on {describe(run)}, from {giver}, is void: the run carries {whose}"


def describe_loss(spent: Spent) -> str:
    """The work that is lost with the run: its CPU-hours where it has no accelerators."""
    unit = "accelerator-hours" if spent.has_accelerators else "CPU-hours"
    hours = spent.accelerator_hours if spent.has_accelerators else spent.cpu_hours
    return f"an unknown number of {unit} of work" if hours is None else f"about {hours:.1f} {unit} of work"


def accelerator_hours(number: float) -> str:
    """A ceiling, rounded up to one decimal, so that `at most` stays true."""
    return _hours(number, "accelerator-hour")


def cpu_hours(number: float) -> str:
    """A ceiling of CPU-hours, rounded up to one decimal, so that `at most` stays true."""
    return _hours(number, "CPU-hour")


def _hours(number: float, unit: str) -> str:
    tenths = math.ceil(round(number * 10, 6))
    shown = f"{tenths / 10:,.1f}".removesuffix(".0")
    return f"{shown} {unit}" if shown == "1" else f"{shown} {unit}s"


def listed(names: Sequence[str], *, most: int) -> str:
    """The first `most` names, and how many more there are: so no message grows with the project."""
    more = [f"and {len(names) - most:,} more"] if len(names) > most else []
    return ", ".join([*names[:most], *more])


def describe(run: Run | None, *, job: str = "") -> str:
    """The run, and under which name it runs where that is not the job's present one."""
    if run is None:
        return "no run"
    former = f", as {run.name}" if job and run.name != job else ""
    return f"{run.job_id} ({run.status}{former})"


def describe_gone(job_id: str, name: str, job: Job) -> str:
    """A run that PAI no longer shows, and under which name it ran where that is not the job's present one."""
    return job_id if name == job.name else f"{job_id} (as {name})"
