"""The signals that were sent to jobs, and what processes print when one reaches them."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dlcapply.emulator.jobs.pods import PodLife
    from dlcapply.emulator.state.database import Database
    from dlcapply.emulator.world.world import Lifecycle

_ASKING = frozenset({"SIGUSR1", "SIGUSR2"})


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal as it was sent: `pods` are the (PodId, PodUid) that it was meant for then.

    It is delivered at `due`.
    """

    signal_id: str
    job_id: str
    signal: str
    scope: str
    roles: tuple[str, ...]
    pods: tuple[tuple[str, str], ...]
    created: float
    due: float


class SignalTable:
    """The signals of a state; to be used within a transaction."""

    def __init__(self, database: Database) -> None:
        self._connection = database.connection

    def add(self, signal: Signal) -> None:
        values = (signal.signal_id, signal.job_id, json.dumps(asdict(signal)))
        self._connection.execute("INSERT INTO signals (signal_id, job_id, document) VALUES (?, ?, ?)", values)

    def next_number(self) -> int:
        row = self._connection.execute("SELECT coalesce(max(seq), 0) + 1 FROM signals").fetchone()
        return int(row[0])

    def of_job(self, job_id: str) -> list[Signal]:
        """The signals to a job, the oldest first."""
        return list(self._read("WHERE job_id = ? ORDER BY seq", job_id))

    def all(self) -> list[Signal]:
        return list(self._read("WHERE ? = '' ORDER BY seq", ""))

    def _read(self, clause: str, value: str) -> Iterator[Signal]:
        rows = self._connection.execute(f"SELECT document FROM signals {clause}", (value,))  # noqa: S608 - ours
        for (document,) in rows.fetchall():
            read = json.loads(document)
            pods = tuple((pod, uid) for pod, uid in read["pods"])
            yield Signal(**{**read, "roles": tuple(read["roles"]), "pods": pods})


def reaches(signal: Signal, own: PodLife) -> bool:
    """Whether the process of this life runs when the signal comes."""
    life = own.life
    is_started = life.started is not None and life.started <= signal.due
    return is_started and (own.ended is None or signal.due <= own.ended)


def said_on_signals(
    signals: Iterable[Signal], pod_id: str, uid: str, rules: Lifecycle
) -> Iterator[tuple[float, str]]:
    """The lines with which one life of a pod answers the signals that were sent to it."""
    if rules.on_signal != "checkpoint" or not math.isfinite(rules.checkpoint):
        return
    for signal in signals:
        if signal.signal in _ASKING and (pod_id, uid) in signal.pods:
            yield signal.due, f"INFO caught {signal.signal}, writing a checkpoint"
            yield (
                signal.due + rules.checkpoint,
                f"INFO checkpoint saved: /mnt/checkpoints/{signal.signal_id}.pt",
            )
