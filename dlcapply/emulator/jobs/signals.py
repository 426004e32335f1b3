"""CreateSignal, GetSignal and ListSignals: signals to the processes of a job."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from dlcapply.emulator.answers import JsonObject, Refusal, invalid, not_found
from dlcapply.emulator.clock import wire_time
from dlcapply.emulator.jobs.access import own_job, readable_job
from dlcapply.emulator.jobs.lifecycle import FINISHED, Move, moves_until
from dlcapply.emulator.jobs.pods import incarnations, pod_ids, pod_life, pod_uid
from dlcapply.emulator.jobs.schedule import reschedule
from dlcapply.emulator.jobs.signal_table import Signal, SignalTable, reaches
from dlcapply.emulator.jobs.table import JobTable, visible_body

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dlcapply.emulator.call import Call
    from dlcapply.emulator.jobs.table import Job
    from dlcapply.emulator.world.switches import Switches

# What a process does that has not asked for the signal: it ends with 128 and this number.
_NUMBERS = {
    "SIGHUP": 1,
    "SIGINT": 2,
    "SIGQUIT": 3,
    "SIGKILL": 9,
    "SIGUSR1": 10,
    "SIGUSR2": 12,
    "SIGTERM": 15,
}
_HANDLED = frozenset({"SIGUSR1", "SIGUSR2"})


class Delivery(NamedTuple):
    """What became of a signal by now; the pods are names."""

    status: str
    reason: str
    reached: tuple[str, ...]
    missed: tuple[str, ...]
    pending: tuple[str, ...]


def create_signal(call: Call) -> JsonObject:
    """The signal is on its way to the pods of its target; raises Refusal unless the job is running."""
    job = own_job(call)
    signal, target = _checked(call.body, call.switches)
    status = moves_until(job.moves, call.now)[-1].status
    if status != "Running":
        raise Refusal(400, "BadRequest", f"Signal can't be sent, because the job is {status}")
    table = SignalTable(call.database)
    sent = Signal(
        signal_id=_signal_id(job.job_id, table.next_number()),
        job_id=job.job_id,
        signal=signal,
        scope=target["Scope"],
        roles=tuple(target.get("Roles") or ()),
        pods=_targets(job, target, call.now),
        created=call.now,
        due=call.now + call.switches.signal_delay,
    )
    table.add(sent)
    _end_by(sent, job, call)
    names = ("SignalId", "JobId", "Signal", "Status")
    return {name: value for name, value in _shown(sent, job, call).items() if name in names}


def get_signal(call: Call) -> JsonObject:
    job = readable_job(call)
    sent = next(
        (
            one
            for one in SignalTable(call.database).of_job(job.job_id)
            if one.signal_id == call.path["SignalId"]
        ),
        None,
    )
    if sent is None:
        raise not_found("Signal", call.path["SignalId"])
    return _shown(sent, job, call)


def list_signals(call: Call) -> JsonObject:
    """The signals to a job, the newest first unless Order says otherwise."""
    job, status = readable_job(call), call.query.get("Status")
    if status and status not in call.switches.signal_statuses:
        raise invalid(f"Status must be one of {', '.join(call.switches.signal_statuses)}.")
    rows = [_shown(one, job, call) for one in SignalTable(call.database).of_job(job.job_id)]
    rows = [row for row in rows if status in {None, "", row["Status"]}]
    if call.query.get("Order") != "asc":
        rows.reverse()
    page = [{key: value for key, value in row.items() if key != "JobId"} for row in rows]
    return {
        "JobId": job.job_id,
        "Signals": call.page(page, default=10),
        "TotalCount": len(rows),
        "PageNumber": call.number("PageNumber", 1),
        "PageSize": call.number("PageSize", 10),
    }


def _checked(body: JsonObject, switches: Switches) -> tuple[str, JsonObject]:
    signal, target = body.get("Signal"), body.get("Target")
    if signal not in _NUMBERS:
        raise invalid(f"Signal must be one of {', '.join(_NUMBERS)}.")
    if not isinstance(target, dict) or target.get("Scope") not in switches.signal_scopes:
        raise invalid(f"Target.Scope must be one of {', '.join(switches.signal_scopes)}.")
    needed = {"roles": "Roles", "pods": "PodNames"}.get(target["Scope"])
    if needed and not _is_texts(target.get(needed)):
        raise invalid(f"Target.{needed} must be a list of names.")
    return str(signal), target


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)


def _targets(job: Job, target: JsonObject, now: float) -> tuple[tuple[str, str], ...]:
    """The pods that are meant, in their present life; raises Refusal for one that the job does not have."""
    body = visible_body(job, now)
    pods = dict(pod_ids(job.job_id, body["JobType"], body["JobSpecs"]))
    wanted = list(pods)
    if target["Scope"] == "pods":
        wanted = list(dict.fromkeys(target["PodNames"]))
    elif target["Scope"] == "roles":
        wanted = [pod_id for pod_id, role in pods.items() if role in target["Roles"]]
        _check_known(target["Roles"], set(pods.values()), "Target.Roles")
    _check_known(wanted, pods, "Target.PodNames")
    number = incarnations(moves_until(job.moves, now))[-1].number
    return tuple((pod_id, pod_uid(pod_id, number)) for pod_id in wanted)


def _check_known(names: Sequence[str], known: object, place: str) -> None:
    unknown = [name for name in names if name not in known]  # type: ignore[operator]
    if unknown:
        raise invalid(f"{place} names {unknown[0]}, which the job does not have.")


def _signal_id(job_id: str, number: int) -> str:
    return f"sig{hashlib.sha256(f'{job_id} {number}'.encode(errors='surrogatepass')).hexdigest()[:16]}"


def _end_by(sent: Signal, job: Job, call: Call) -> None:
    """Plans the end of a job whose processes the signal kills."""
    rules = call.world.lifecycle_of(job.body["DisplayName"])
    if rules.on_signal != "end" and sent.signal in _HANDLED:
        return
    past, code = moves_until(job.moves, call.now), 128 + _NUMBERS[sent.signal]
    if any(move.at <= sent.due for move in job.moves[len(past) :]):
        return
    end = Move(sent.due, "Failed", "JobFailed", f"Container exited with code {code}.")
    table = JobTable(call.database)
    table.replace(replace(job, moves=(*past, end)))
    reschedule(table, call.now, call.world)


def delivered(signal: Signal, job: Job, now: float) -> Iterator[tuple[str, str]]:
    """(PodId, PodUid) of the processes that the signal has reached by now."""
    if signal.due > now:
        return
    body = visible_body(job, now)
    ids = [pod_id for pod_id, _ in pod_ids(job.job_id, body["JobType"], body["JobSpecs"])]
    for life in incarnations(moves_until(job.moves, now)):
        for rank, pod_id in enumerate(ids):
            uid = pod_uid(pod_id, life.number)
            if (pod_id, uid) in signal.pods and reaches(signal, pod_life(ids, rank, life, now)):
                yield pod_id, uid


def _delivery(sent: Signal, job: Job, call: Call) -> Delivery:
    names = tuple(pod_id for pod_id, _ in sent.pods)
    pending, succeeded, failed, stopped = call.switches.signal_statuses
    if call.now < sent.due:
        return Delivery(pending, "", (), (), names)
    reached = tuple(pod_id for pod_id, _ in delivered(sent, job, call.now))
    missed = tuple(name for name in names if name not in reached)
    if not missed:
        return Delivery(succeeded, "Completed", reached, (), ())
    has_ended = moves_until(job.moves, sent.due)[-1].status in FINISHED
    status, reason = (stopped, "StoppedByJobEnded") if has_ended else (failed, "SignalFailed")
    return Delivery(status, reason, reached, missed, ())


def _shown(sent: Signal, job: Job, call: Call) -> JsonObject:
    delivery = _delivery(sent, job, call)
    told = [f"succeeded: {len(delivery.reached)}/{len(sent.pods)}"]
    told += [f"failed: {', '.join(delivery.missed)}"] if delivery.missed else []
    told += [f"pending: {', '.join(delivery.pending)}"] if delivery.pending else []
    return {
        "JobId": job.job_id,
        "SignalId": sent.signal_id,
        "Signal": sent.signal,
        "Scope": sent.scope,
        "Roles": list(sent.roles),
        "PodNames": [pod_id for pod_id, _ in sent.pods],
        "Status": delivery.status,
        "Reason": delivery.reason,
        "Message": "; ".join(told),
        "GmtCreated": wire_time(sent.created),
        "GmtModified": wire_time(min(sent.due, call.now)),
    }
