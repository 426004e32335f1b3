"""Runs that an identity may not see, other people's PRIVATE ones: their jobs would be started again.

PRIVATE is PAI's default, and such a job shows to its creator and to administrators of the workspace alone
(SDK ListJobs). Whoever does not see a run takes its job for one that never ran.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.errors import DeniedError
from dlcapply.model.findings import Finding, Level
from dlcapply.model.jobs import View
from dlcapply.model.runs import Visibility
from dlcapply.planning.reasons import describe, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dlcapply.model.jobs import Environment, Job
    from dlcapply.model.plans import Plan
    from dlcapply.model.runs import Run
    from dlcapply.planning.situation import Situation

UNSEEN_JOBS = "unseen-jobs"
_MOST_NAMES = 5
_RULES_ARE_SILENT = "PAI's rules for PaiDLC:ListJobs and PaiDLC:GetJob do not say"
# Whoever sees all misses nothing.
_MISSES = {
    Visibility.OWN: "this identity sees nobody's PRIVATE jobs but its own",
    Visibility.UNKNOWN: "nobody can tell whether this identity sees everybody's PRIVATE jobs",
}
_WHAT_IF = "a run that somebody else started may count as none here, and be paid for again"
_WAYS_OUT = (
    "apply as an administrator of the workspace; or set Accessibility: PUBLIC; or say view: own in the"
    " environment (--view own without a project) where one identity applies, and no other"
)
_OR_ALL = "; or view: all where you know that it sees everybody's"


def is_private(job: Job) -> bool:
    """Whether the job's runs show to whoever started them, and to administrators, alone."""
    return job.spec.get("Accessibility") != "PUBLIC"


def visibility_warnings(
    jobs: Sequence[Job], environment: Environment, *, sees: Visibility, why_unknown: str
) -> Iterator[Finding]:
    """What may be missing from a plan for the jobs; `why_unknown` kept the service from telling."""
    private = sum(map(is_private, jobs))
    if private and sees is not Visibility.ALL:
        count = f"(PRIVATE: {private:,} of {len(jobs):,} jobs)"
        why = f": {why_unknown or _RULES_ARE_SILENT}" if sees is Visibility.UNKNOWN else ""
        message = f"{_MISSES[sees]}, and {_WHAT_IF} {count}{why}"
        yield Finding(UNSEEN_JOBS, Level.WARNING, message, _hint(sees, environment.view))


def _hint(sees: Visibility, view: View | None) -> str:
    match view, sees:
        case View.OWN, _:
            return "the environment says view: own, so on a person's word no other identity applies here"
        case View.ALL, Visibility.UNKNOWN:
            return "the environment says view: all, so on a person's word it does see them"
        case View.ALL, _:
            return f"the environment says view: all, and PAI's rules say otherwise; {_WAYS_OUT}"
        case _:
            return f"apply starts no PRIVATE job: {_WAYS_OUT}{_OR_ALL if sees is Visibility.UNKNOWN else ''}"


def private_runs(situations: Iterable[Situation]) -> Iterator[Finding]:
    """Runs that ended before their jobs became PUBLIC: others still don't see them."""
    for situation in situations:
        job, run = situation.job, situation.ended.deciding or situation.history.newest
        if run is not None and run.is_terminal and _is_hidden(run) and not is_private(job):
            message = f"{job.name}: {describe(run)} is PRIVATE, so to others the job never ran"
            hint = "make it PUBLIC in the console, or another identity's apply may start the job again"
            yield Finding("private-run", Level.WARNING, message, hint, place=job.place)


def _is_hidden(run: Run) -> bool:
    return run.body.get("Accessibility") == "PRIVATE"


def sees_all(plan: Plan) -> bool:
    """Whether the plan misses no run of others: PAI's rules say so, or a person where they say nothing."""
    return misses_none(plan.environment, plan.census.sees)


def misses_none(environment: Environment, sees: Visibility) -> bool:
    """Whether nobody's run is missing from what such an identity is shown of the environment."""
    return sees is Visibility.ALL or (sees is Visibility.UNKNOWN and environment.view is View.ALL)


def unseen_starts(plan: Plan) -> tuple[str, ...]:
    """The jobs that the plan starts although a run of theirs may be there that it does not show."""
    if sees_all(plan):
        return ()
    return tuple(change.name for change in plan.writing if change.private and change.action.starts_a_run)


def may_be_applied(plan: Plan) -> bool:
    """Whether an apply of this very plan would write something."""
    return not is_denied(plan) and bool(plan.writing)


def is_denied(plan: Plan) -> bool:
    """Whether an apply of this very plan would begin nothing: by limits, policies, or what it can't see."""
    return bool(plan.denials) or denied_starts(plan) is not None


def denied_starts(plan: Plan) -> DeniedError | None:
    """Why the plan starts nothing: nobody answers for what it does not show, or who does is contradicted."""
    names, view, sees = unseen_starts(plan), plan.environment.view, plan.census.sees
    if not names or view is View.OWN:
        return None
    told = next((one for one in plan.findings if one.rule == UNSEEN_JOBS), None)
    message = told.message if told else f"{_MISSES[sees]}, and {_WHAT_IF}"
    starting = listed(names, most=_MOST_NAMES)
    return DeniedError(f"{UNSEEN_JOBS}: {starting} would start, and {message}", hint=_hint(sees, view))
