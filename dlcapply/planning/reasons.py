"""The words for each reason code: what is so, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model import Ownership, Reason
from dlcapply.planning.decisions import Why
from dlcapply.planning.marks import CLONE_TAG, OWNER_TAG, is_twin

if TYPE_CHECKING:
    from dlcapply.model import Run

# {run} is "dlc… (Status)"; the other names are filled in by the planner.
TEXTS: dict[Why, str] = {
    Why.FIRST_RUN: "no run of this job yet",
    Why.NEW_SPEC: "the spec changed since {run}",
    Why.NEW_TOKEN: "run.token asks for a new run after {run}",
    Why.RETRY: "{run}: retry {retry} of {retries}",
    Why.IN_PLACE: "PAI changes this in {run}",
    Why.REPLACE: "stops {run} and starts a new run; {loss}",
    Why.STATE_STOPPED: "run.state is stopped, and {run} is not",
    Why.ORPHAN: "no manifest declares {run} any more",
    Why.EQUAL: "{run} is as declared",
    Why.IGNORED: "PAI would ignore a change of {paths} in {run} now",
    Why.SUCCEEDED: "{run} is done, and nothing changed",
    Why.FAILED: "{run}{retried}; change run.token to ask for a new run",
    Why.STOPPED: "{run}, and a stop is final; change run.token to ask for a new run",
    Why.NOT_WANTED: "run.state is stopped, and nothing runs: {run}",
    Why.RERUN_ON_TOKEN: "the spec changed since {run}, but run.rerunOn is token",
    Why.PAST_NOT_AFTER: "run.notAfter has passed ({not_after}), so nothing is created; a later one allows it",
    Why.STOPPING: "until {run} has stopped",
    Why.ON_CHANGE_WAIT: "until {run} has ended: {asks} a new run",
    Why.ON_CHANGE_BLOCK: (
        "{asks} a new run, and {run} is active; let it end, or set run.onChange to wait or replace"
    ),
    Why.NEEDS_CONSENT: "replacing {run} needs --allow-replace {name}; {loss}",
    Why.PROTECTED: "{run} is protected; set run.protect to false to stop or replace it",
    Why.ORPHAN_PROTECTED: "{run} is protected, although no manifest declares it any more; stop it by hand",
    Why.CONFLICT: "several runs of this job are under way: {runs}; stop all but the newest by hand",
    Why.OUTLIVED: "{runs} is under way, although {run} is newer and has ended; stop it, or let it end",
    Why.ORPHAN_CONFLICT: (
        "no manifest declares them any more, and prune stops one run of a name: {runs}; stop them by hand"
    ),
    Why.NAME_TAKEN: "{runs}; {adopt}give this job another name",
    Why.UNKNOWN_STATUS: "{run}: dlcapply does not know this status, and leaves the run alone",
}


def reason(why: Why, run: Run | None, **details: object) -> Reason:
    """The reason with its words; `details` fill the names that its text uses."""
    return Reason(why.value, TEXTS[why].format(run=describe(run), **details))


def describe_other(run: Run, ownership: Ownership) -> str:
    """The run, and why it is not ours."""
    return f"{describe(run)} has this name and is {_whose(run, ownership)}"


def _whose(run: Run, ownership: Ownership) -> str:
    match ownership:
        case Ownership.FOREIGN:
            return f"a run of {run.tags[OWNER_TAG]}"
        case Ownership.CLONE if is_twin(run, ownership):
            return "a second run of one create"
        case Ownership.CLONE:
            return f"a clone of {run.tags[CLONE_TAG]}"
        case _:
            return "not ours"


def describe(run: Run | None) -> str:
    return f"{run.job_id} ({run.status})" if run else "no run"
