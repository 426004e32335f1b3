"""What jobs can hold at most by their manifests alone: pods and hours, of whatever instances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model.diffs import JobChange

if TYPE_CHECKING:
    from dlcapply.model.diffs import Ceiling, Ceilings, JobDiff, StateDiff

_NONE = "nothing starts"


def ceiling_texts(job: JobDiff) -> list[str]:
    """The job's ceiling, and what it was where it moved; nothing where nothing starts in either state."""
    if job.before is None and job.after is None:
        return []
    now = [] if job.change is JobChange.REMOVED or not job.is_known else [_text(job.after)]
    moved = job.before is not None and job.before != job.after
    return [*now, *([f"before: {_text(job.before)}"] if moved else [])]


def _text(ceiling: Ceiling | None) -> str:
    if ceiling is None:
        return _NONE
    if ceiling.pod_hours is None:
        why = f": no {' or '.join(ceiling.unbounded_by)}" if ceiling.unbounded_by else ""
        return f"no limit{why}{_types(ceiling)}"
    pods = f"{ceiling.pods:,} pod{'' if ceiling.pods == 1 else 's'}"
    runs = f" in {ceiling.runs:,} runs" if ceiling.runs > 1 else ""
    beyond = f"; {', '.join(ceiling.can_exceed)} may exceed this" if ceiling.can_exceed else ""
    most = "up to" if ceiling.can_exceed else "at most"
    how = f"{pods} for {ceiling.hours:,.10g} h{runs}"
    return f"{most} {_hours(ceiling.pod_hours)} ({how}){_types(ceiling)}{beyond}"


def _types(ceiling: Ceiling) -> str:
    return f" on {', '.join(ceiling.types)}" if ceiling.types else ""


def ceilings_text(diff: StateDiff) -> str:
    """The sums of both states, in one sentence."""
    before, after = _sum(diff.before.ceilings), _sum(diff.after.ceilings)
    if diff.before.trouble:
        return f"All jobs together: {after}."
    if diff.after.trouble:
        return f"All jobs together: {before} before."
    return f"All jobs together: {after}." if before == after else f"All jobs together: {before} → {after}."


def _sum(ceilings: Ceilings) -> str:
    words = [f"at most {_hours(ceilings.pod_hours)}"] if ceilings.pod_hours or not ceilings.open else []
    words += [f"{_jobs(ceilings.unlimited)} without a limit"] if ceilings.unlimited else []
    words += [f"{_jobs(ceilings.unknown)} of which nothing is known"] if ceilings.unknown else []
    return " and ".join(words)


def _hours(number: float) -> str:
    return f"{number:,.10g} pod-hour{'' if number == 1 else 's'}"


def _jobs(number: int) -> str:
    return f"{number:,} job{'' if number == 1 else 's'}"
