"""Facts of runs, with as little said as a test needs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dlcapply.diagnosis.facts import Facts, Look, Looked, Move, Pod, Request, Said, Source

START = datetime(2026, 11, 29, 7, tzinfo=UTC)
JOB_ID = "dlc1"


def at(minutes):
    return START + timedelta(minutes=minutes)


def pod(name="master-0", status="Failed", *, minute=60, started=1, **others):
    """A pod that ran until that minute, unless it is still to start or to end."""
    return Pod(
        f"{JOB_ID}-{name}",
        name,
        name.split("-")[0].title(),
        status,
        started=None if started is None else at(started),
        finished=at(minute) if status in {"Failed", "Succeeded"} else None,
        **others,
    )


def said(*texts, minute=60):
    return tuple(Said(text, at(minute)) for text in texts)


def by_pod(lines):
    return {f"{JOB_ID}-{name}": said(*texts) for name, texts in lines.items()}


def facts(
    status="Failed",
    message="",
    code="",
    *,
    pods=None,
    logs=None,
    events=None,
    job_events=(),
    way=("Creating", "Queuing", "EnvPreparing", "Running"),
    now=61,
    **others,
):
    """A run that came that way to its status in minute 60, and is looked at in minute `now`."""
    pods = (pod(),) if pods is None else tuple(pods)
    moves = [Move(one, at(number)) for number, one in enumerate(way)]
    if status not in way:
        moves.append(Move(status, at(60), code, message))
    elif message or code:
        moves[-1] = Move(status, moves[-1].at, code, message)
    asked = [Looked(Source.POD_LOGS, Look.SEEN, pod=one.pod_id) for one in pods]
    return Facts(
        JOB_ID,
        others.pop("name", "train"),
        status,
        reason_code=code,
        reason=message,
        now=at(now),
        created=START,
        history=tuple(moves),
        pods=pods,
        request=others.pop("request", Request(job_type="PyTorchJob", region="cn-hangzhou")),
        job_events=said(*job_events),
        pod_events=by_pod(events or {}),
        logs=by_pod(logs or {}),
        looked=tuple(asked),
        **others,
    )


def exited(number, *log, name="master-0", **others):
    """A run of one pod whose container ended with that code, after these lines."""
    return facts(
        message=f"Container exited with code {number}.", code="JobFailed", logs={name: log}, **others
    )


def unstarted(*events, status="Failed", **others):
    """A run whose only pod never started, with these events."""
    waits = pod(status="Pending", started=None)
    way = ("Creating", "Queuing", "EnvPreparing")
    return facts(status, pods=[waits], way=way, events={"master-0": events}, **others)
