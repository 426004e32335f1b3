"""Writes that were begun and whose outcome nobody noted: named, and looked up by the next apply."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dlcapply.applying.journal import CREATE_CALL, CREATED, DELETE_CALL, SIGNAL_CALL, STOP_CALL
from dlcapply.applying.journal_reader import INTENT
from dlcapply.applying.operation_runs import run_of, runs_of_ours
from dlcapply.errors import DlcapplyError, FailureKind
from dlcapply.model.outcomes import Result
from dlcapply.model.runs import Phase, may_be_job_id

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from dlcapply.applying.context import ApplyContext
    from dlcapply.applying.journal import Journal
    from dlcapply.applying.service import JobService
    from dlcapply.model.runs import Run

# Noted by a later apply: what it planned anew tells what became of it, or no listing shows its run.
_PLANNED_AGAIN = "planned-again"
_NOT_FOUND = "not-found"
# Noted by whoever sees that the run has ended, or is gone: to what the call was for there is no more to do.
_ENDED, _GONE = "ended", "gone"
_OF_ENDS = frozenset({STOP_CALL, SIGNAL_CALL})
# Whoever noted these knows no more than before, or knows it of its own call alone.
_UNCLEAR = {FailureKind.AMBIGUOUS, Result.UNKNOWN}
_OF_ONE_CALL = {FailureKind.NOT_EXECUTED, Result.NOT_DONE}
# Each costs a look and a line, and any number may be planted.
_MOST_LOOKED_UP = 20


@dataclass(frozen=True, slots=True)
class OpenWrite:
    """An intent without an outcome: `op` is the operation of a create, otherwise the JobId of the run.

    `where` is the target, `by_name` that its runs carry no operation ids, `writer` the process.
    """

    op: str
    name: str
    call: str
    begun: datetime
    where: str
    by_name: bool = False
    provenance: str = ""
    work: str = ""
    writer: str = ""

    @property
    def is_create(self) -> bool:
        return self.call == CREATE_CALL


def open_writes(entries: Iterable[dict[str, Any]]) -> tuple[OpenWrite, ...]:
    """The intents among the entries, oldest first, of which no later entry says what became of them.

    What a process notes of a call that was made answers for everybody's intent of the operation: it looked
    for a run of the others' first.
    """
    begun: dict[tuple[str, str], dict[str, OpenWrite]] = {}
    for entry in entries:
        writers = begun.setdefault((entry["where"], entry["op"]), {})
        result = entry.get("result", "")
        if entry["event"] == INTENT:
            writers.pop(entry["by"], None)
            writers[entry["by"]] = _open_write(entry)
        elif result in _OF_ONE_CALL:
            writers.pop(entry["by"], None)
        elif result not in _UNCLEAR:
            writers.clear()
    found = (write for writers in begun.values() for write in writers.values())
    return tuple(sorted(found, key=lambda write: write.begun))


def _open_write(entry: dict[str, Any]) -> OpenWrite:
    return OpenWrite(
        op=entry["op"],
        name=entry["name"],
        call=entry.get("call", ""),
        begun=entry["time"],
        where=entry["where"],
        by_name=entry.get("identity") == "name",
        provenance=entry.get("from", ""),
        work=entry.get("work", ""),
        writer=entry["by"],
    )


def look_up(context: ApplyContext, *, besides: Collection[str]) -> None:
    """What earlier applies to this target left open is noted as far as it can be told now.

    `besides` are the operations that this apply itself carried out. What fails here tells nothing, and what
    is noted here lets no create happen: it only ends the question. It stays open of a run that was to be
    stopped and goes on: no plan stops it again where a person stopped it.
    """
    gone = note_ends(context.journal, context.service)
    for write in _left_open(context.journal)[-_MOST_LOOKED_UP:]:
        if write.op not in besides and not context.interrupt.is_asked:
            with suppress(DlcapplyError):
                _look_up(write, context, gone)


def note_ends(journal: Journal, service: JobService) -> frozenset[str]:
    """Stops, signals and deletions that were left open are noted where their run is seen to have ended.

    Whoever looks may tell that, at a call for all of them; what fails here tells nothing. Returned are the
    JobIds of stops and signals of which no run is shown.
    """
    left = [one for one in _left_open(journal) if may_be_job_id(one.op)][-_MOST_LOOKED_UP:]
    gone: frozenset[str] = frozenset()
    with suppress(DlcapplyError):
        if stops := [one for one in left if one.call in _OF_ENDS]:
            runs = {run.job_id: run for run in service.runs_by_id(one.op for one in stops)}
            gone = frozenset(one.op for one in stops) - runs.keys()
            for write in stops:
                if write.op in runs and _is_ending(runs[write.op], write):
                    journal.conclude(op=write.op, name=write.name, result=_ENDED, job_id=write.op)
        for write in left:
            if write.call == DELETE_CALL and service.find(write.op) is None:
                journal.conclude(op=write.op, name=write.name, result=_GONE, job_id=write.op)
    return gone


def _is_ending(run: Run, write: OpenWrite) -> bool:
    return run.is_terminal or (write.call == STOP_CALL and run.phase is Phase.STOPPING)


def _left_open(journal: Journal) -> list[OpenWrite]:
    try:
        return [write for write in open_writes(journal.entries()) if write.where == journal.where]
    except DlcapplyError:
        return []


def _look_up(write: OpenWrite, context: ApplyContext, gone: frozenset[str]) -> None:
    settled = context.clock.now() - write.begun >= timedelta(seconds=context.settle)
    note = context.journal.conclude
    if write.call in _OF_ENDS and may_be_job_id(write.op):
        if settled and write.op in gone:
            note(op=write.op, name=write.name, result=_NOT_FOUND)
    elif not write.is_create or write.by_name:
        if settled:
            note(op=write.op, name=write.name, result=_PLANNED_AGAIN)
    elif run := run_of(write.op, runs_of_ours(context.service.runs_named(write.name), context)):
        note(op=write.op, name=write.name, result=CREATED, job_id=run.job_id, work=write.work)
    elif settled:
        note(op=write.op, name=write.name, result=_NOT_FOUND)
