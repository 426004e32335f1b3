"""Whether a run that runs does anything, and whether all of its pods do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from dlcapply.diagnosis.facts import Source
from dlcapply.diagnosis.failures import ended, first_trouble
from dlcapply.diagnosis.findings import Found
from dlcapply.diagnosis.last_words import unprefixed
from dlcapply.diagnosis.outside import minutes
from dlcapply.diagnosis.signs import WAITS_FOR_OTHERS
from dlcapply.diagnosis.texts import Statement
from dlcapply.diagnosis.verdicts import Certainty, Code
from dlcapply.diagnosis.waits import dependency

if TYPE_CHECKING:
    from dlcapply.diagnosis.case import Case
    from dlcapply.diagnosis.facts import Facts

# After so long without a line AIMaster takes a job for hung (its `--job-hang-interval`, and PAI's diagnosis).
SILENT = timedelta(minutes=30)
# Below this, in percent, nobody would call it work.
_IDLE = 2.0
_NO_LINE = "no line from any pod that was asked, since it runs"


def work(case: Case) -> Found:
    """What the run is about: work, a wait for pods that don't come up, or nothing for long."""
    troubled = first_trouble(case) if case.unstarted_pods else None
    return (
        troubled
        or dependency(case)
        or _with_failed_pod(_hang(case) or Found(Code.RUNNING, _fresh(case), detail=_progress(case)), case)
    )


def _with_failed_pod(found: Found, case: Case) -> Found:
    """With why a pod ended, of a run that goes on without it, or waits for it."""
    failed = ended(case) if case.failed_pods else None
    return replace(found, lines=(*found.lines, *failed.lines)) if failed else found


def _hang(case: Case) -> Found | None:
    """No pod that was asked has said anything for long, and nothing shows that accelerators work."""
    silent = silence(case.facts)
    if silent is None or silent < SILENT:
        return None
    used = case.facts.utilisation
    if used is not None and used.percent >= _IDLE:
        return None
    lines = [*_last_lines(case), *_usage(case)]
    certainty = Certainty.LIKELY if used is not None else Certainty.UNKNOWN
    processors = f"its {used.of} do nothing" if used else "what its accelerators do is not known"
    detail = f", and {processors}"
    return Found(Code.HANG, tuple(lines), certainty, detail, lasted=minutes(silent))


def silence(facts: Facts) -> timedelta | None:
    """For how long the run has said nothing; None where that can't be known."""
    since = facts.entered("Running")
    if facts.now is None or since is None:
        return None
    asked = [pod for pod in facts.pods if facts.has_seen(Source.POD_LOGS, pod.pod_id)]
    newest = [facts.logs[pod.pod_id][-1].at for pod in asked if facts.logs.get(pod.pod_id)]
    known = [at for at in newest if at is not None]
    if not asked or len(known) < len(newest):
        return None
    return facts.now - max([since, *known])


def _last_lines(case: Case) -> list[Statement]:
    """The last line of each pod, and before it the one that tells that it waits for others."""
    found: list[Statement] = []
    for pod in case.facts.pods:
        log = [one for one in case.log(pod) if unprefixed(one).strip()]
        found += [one for one in log[-20:-1] if WAITS_FOR_OTHERS.search(one.bare)][-1:] + log[-1:]
    return found or [case.status_statement(), Statement(Source.POD_LOGS, _NO_LINE, _NO_LINE)]


def _usage(case: Case) -> list[Statement]:
    used = case.facts.utilisation
    if used is None:
        return []
    text = f"at most {used.percent:.1f} % of the {used.of} of any pod in the last {used.minutes} min"
    return [Statement(Source.METRICS, text, text, case.facts.now)]


def _fresh(case: Case) -> tuple[Statement, ...]:
    lines = [one for pod in case.facts.pods for one in case.log(pod)[-1:]]
    newest = max(lines, key=lambda one: one.at.timestamp() if one.at else 0.0, default=None)
    return (case.status_statement(), *_usage(case), *([newest] if newest else []), *case.restarts[-1:])


def _progress(case: Case) -> str:
    silent, used = silence(case.facts), case.facts.utilisation
    if silent is not None and silent >= SILENT and used is not None:
        use = "as they also are while a collective operation waits"  # NCCL's kernels spin
        return f"it has printed nothing for {minutes(silent)}, and its {used.of} are in use, {use}"
    return ""
