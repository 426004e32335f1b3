"""The one function from what is known of a run to the verdict about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.diagnosis.advice import ADVICE, POD
from dlcapply.diagnosis.case import Case, with_ends
from dlcapply.diagnosis.facts import Look
from dlcapply.diagnosis.failures import AT_ONCE, failure
from dlcapply.diagnosis.findings import Found
from dlcapply.diagnosis.outside import minutes, stop
from dlcapply.diagnosis.running import work
from dlcapply.diagnosis.verdicts import WELL, Certainty, Code, Diagnosis, Step
from dlcapply.diagnosis.waits import wait
from dlcapply.model.runs import BEFORE_WORK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dlcapply.diagnosis.facts import Facts, Pod
    from dlcapply.diagnosis.verdicts import Evidence

_LONGEST_SAID = 200
_MOST_LAST = 8
_MOST_NAMES = 5
_OF_NCCL, _BY_NCCL = frozenset({245}), frozenset({Code.NCCL_TIMEOUT, Code.NCCL_ERROR})
_OWN_ERRORS = frozenset({Code.ERROR, Code.ONE_POD})


def diagnose(facts: Facts) -> Diagnosis:
    """The verdict that the facts support, and no more: every one names the lines that it rests on."""
    case = Case(with_ends(facts))
    found = _JUDGES.get(facts.status, _unknown_status)(case)
    return Diagnosis(
        found.code,
        " ".join(_sentences(found, case)),
        evidence=tuple(line.evidence for line in found.lines),
        next_steps=tuple(_steps(found)),
        certainty=found.certainty,
        job_id=facts.job_id,
        pod=found.pod.pod_id if found.pod else "",
        consequences=tuple(line.evidence for line in found.after),
        last_lines=tuple(_last_lines(found, case)),
        history=facts.history,
        restarts=facts.restarts,
        not_seen=tuple(one for one in facts.looked if one.look in {Look.REFUSED, Look.FAILED}),
        is_alone=found.is_alone,
        exit_code=found.exit.code if found.exit else None,
        exit_meaning=found.exit.meaning if found.exit else "",
    )


def _succeeded(case: Case) -> Found:
    return Found(Code.SUCCEEDED, case.run_says[-1:])


def _unknown_status(case: Case) -> Found:
    status = case.facts.status
    detail = f"{status} is no status that is known here" if status else "it has no status"
    said = case.run_says[-1:] if case.facts.reason_code or case.facts.reason else ()
    return Found(Code.UNKNOWN, (case.status_statement(), *said), Certainty.UNKNOWN, detail)


_JUDGES: dict[str, Callable[[Case], Found]] = {
    **dict.fromkeys(("Succeeded", "SucceededReserving"), _succeeded),
    **dict.fromkeys(("Failed", "FailedReserving", "Restarting"), failure),
    **dict.fromkeys(("Stopped", "Stopping"), stop),
    **dict.fromkeys(BEFORE_WORK, wait),
    "Running": work,
}


def _sentences(found: Found, case: Case) -> Iterator[str]:
    who, waited = found.pod.name if found.pod else "a pod", case.status_for
    what = ADVICE[found.code].what.format(
        who=who,
        Who=who if found.pod else who.capitalize(),
        status=case.facts.status,
        waited=minutes(waited) if waited is not None else "long",
        lasted=found.lasted,
    )
    detail = found.raised.text[:_LONGEST_SAID] if found.raised and found.code in _OWN_ERRORS else found.detail
    joint = "" if detail.startswith(",") else ": "
    yield f"{what.removesuffix('.')}{joint}{detail.rstrip(' .')}." if detail else what
    if waited is not None and case.facts.status in BEFORE_WORK and "{waited}" not in ADVICE[found.code].what:
        yield f"It has been {case.facts.status} for {minutes(waited)}."
    if found.exit:
        is_said = not found.exit.meaning or found.code in _OWN_ERRORS or _is_of_another(found)
        yield f"Exit code {found.exit.code}{'' if is_said else f': {found.exit.meaning}'}."
    yield from _among_others(found, case)
    if case.facts.status == "Restarting":
        yield "PAI starts it again."
    elif case.facts.status == "Stopping":
        yield "It has not ended yet: it is Stopping."
    elif found.code in {Code.RUNNING, Code.SUCCEEDED} and case.facts.restarts:
        yield f"PAI has started it again {_times(len(case.facts.restarts))}."
    if case.facts.status.endswith("Reserving"):
        yield "It keeps its resources until the time is over for which they are reserved."


def _is_of_another(found: Found) -> bool:
    """Whether what the code means by itself is not what the verdict says: PAI's 245 is a -11, too."""
    return found.exit is not None and found.exit.code in _OF_NCCL and found.code not in _BY_NCCL


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _among_others(found: Found, case: Case) -> Iterator[str]:
    """Where it stands among the pods of the run that failed."""
    total, failed = len(case.facts.pods), len(case.failed_pods)
    if found.code in WELL and failed:
        names = ", ".join(pod.name for pod in case.failed_pods[:_MOST_NAMES])
        yield f"But {failed} of its {total} pods failed: {names}{', …' if failed > _MOST_NAMES else ''}."
    if found.pod is None or total == 1 or found.pod.started is None or not found.pod.has_failed:
        return
    of = f", of {total}" if failed < total else ""
    if failed == 1:
        yield f"No other of the {total} pods failed."
    elif _is_told_late(found.pod, case):
        yield "Its end was told later than that of others, which followed from it."
    elif found.is_alone:
        yield f"It was the first of {failed} pods to fail{of}; the others followed."
    else:
        yield f"{failed} pods{of} failed at the same time."


def _is_told_late(pod: Pod, case: Case) -> bool:
    first = case.failed_pods[0].finished
    return first is not None and pod.finished is not None and pod.finished - first > AT_ONCE


def _last_lines(found: Found, case: Case) -> Iterator[Evidence]:
    """The end of the log of the pod that decided, where something is wrong with it."""
    if found.pod is not None and found.code not in WELL:
        log = [line for line in case.log(found.pod) if line.text.strip()]
        yield from (line.evidence for line in log[-_MOST_LAST:])


def _steps(found: Found) -> list[Step]:
    """What can be done, each command once: without a pod, those about it are those about the run."""
    steps: dict[object, Step] = {}
    for step in _all_steps(found):
        steps.setdefault(step.command or step.text, step)
    return list(steps.values())


def _all_steps(found: Found) -> Iterator[Step]:
    for step in ADVICE[found.code].steps:
        if POD not in step.command or found.pod:
            command = tuple(found.pod.pod_id if found.pod and word == POD else word for word in step.command)
            yield Step(step.text, command)
            continue
        at = step.command.index(POD)
        yield Step(step.text, step.command[: at - 1] + step.command[at + 1 :])
