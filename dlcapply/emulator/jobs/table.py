"""The jobs in the state: what each was created with, and all that has happened or will happen to it."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from dlcapply.emulator.jobs.lifecycle import Move, ending
from dlcapply.emulator.state.encryption import Sealed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.state.database import Database

_COLUMNS = "seq, job_id, user_id, created, body, sealed, late, shown, moves, resource_tags, pools, deleted"
# Keys of every body that are columns too, to be searched.
_SEARCHED = {
    "workspace_id": "WorkspaceId",
    "name": "DisplayName",
    "job_type": "JobType",
    "accessibility": "Accessibility",
}


class Late(NamedTuple):
    """A value that the service has taken but shows only from `at` on."""

    value: Any
    at: float


@dataclass(frozen=True, slots=True)
class Job:
    """A stored job.

    `shown` overrides what the service says of it; None, there and in the body, hides a key. `pools` are the
    limited resources that it needs, and how much of each. `deleted` is the time of its deletion.
    """

    job_id: str
    user_id: str
    created: float
    body: JsonObject
    moves: tuple[Move, ...]
    late: Mapping[str, Late] = field(default_factory=dict)
    shown: JsonObject = field(default_factory=dict)
    resource_tags: Mapping[str, str] = field(default_factory=dict)
    pools: Mapping[str, float] = field(default_factory=dict)
    deleted: float | None = None
    seq: int = 0


def visible_body(job: Job, now: float) -> JsonObject:
    """The body with those late values that show by now."""
    return {**job.body, **{key: late.value for key, late in job.late.items() if late.at <= now}}


class JobTable:
    """The jobs of a state; to be used within a transaction."""

    def __init__(self, database: Database) -> None:
        self._connection = database.connection
        self._seal = database.seal

    def next_number(self) -> int:
        row = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'jobs'").fetchone()
        return row[0] + 1 if row else 1

    def add(self, jobs: Iterable[Job]) -> None:
        rows = (
            {**self._columns(job), "job_id": job.job_id, "user_id": job.user_id, "created": job.created}
            for job in jobs
        )
        names = (*_COLUMN_NAMES, "job_id", "user_id", "created")
        marks = ", ".join(f":{name}" for name in names)
        self._connection.executemany(f"INSERT INTO jobs ({', '.join(names)}) VALUES ({marks})", rows)  # noqa: S608 - names of ours

    def replace(self, job: Job) -> None:
        """Stores all of the job but its id, user and creation."""
        changes = ", ".join(f"{name} = :{name}" for name in _COLUMN_NAMES)
        values = {**self._columns(job), "seq": job.seq}
        self._connection.execute(f"UPDATE jobs SET {changes} WHERE seq = :seq", values)  # noqa: S608 - names of ours

    def find(self, job_id: str) -> Job | None:
        return next(self.select("WHERE job_id = :job_id", {"job_id": job_id}), None)

    def in_pools(self, now: float) -> list[Job]:
        """The jobs that hold limited resources, or wait for them."""
        clause = "WHERE pools != '' AND deleted IS NULL AND (ends IS NULL OR ends > :now) ORDER BY seq"
        return list(self.select(clause, {"now": now}))

    def select(self, clause: str = "ORDER BY seq", values: Mapping[str, Any] | None = None) -> Iterator[Job]:
        rows = self._connection.execute(f"SELECT {_COLUMNS} FROM jobs {clause}", values or {}).fetchall()  # noqa: S608 - clauses of ours
        return (self._job(row) for row in rows)

    def count(self, clause: str, values: Mapping[str, Any]) -> int:
        row = self._connection.execute(f"SELECT count(*) FROM jobs {clause}", values).fetchone()  # noqa: S608 - clauses of ours
        return int(row[0])

    def _job(self, row: Sequence[Any]) -> Job:
        seq, job_id, user_id, created, body, sealed, late, shown, moves, resource_tags, pools, deleted = row
        return Job(
            job_id=job_id,
            user_id=user_id,
            created=created,
            body=self._seal.open(Sealed(json.loads(body), sealed), job_id),
            moves=tuple(Move(*move) for move in json.loads(moves)),
            late={key: Late(*value) for key, value in json.loads(late).items()},
            shown=json.loads(shown),
            resource_tags=json.loads(resource_tags),
            pools=json.loads(pools or "{}"),
            deleted=deleted,
            seq=seq,
        )

    def _columns(self, job: Job) -> JsonObject:
        settings = job.body.get("Settings") or {}
        end = ending(job.moves)
        taken = {**job.body, **{key: late.value for key, late in job.late.items()}}
        body, sealed = self._seal.close(job.body, job.job_id)
        return {
            **{column: str(taken[key]) for column, key in _SEARCHED.items()},
            "tags": json.dumps(settings.get("Tags") or {}),
            "resource_tags": json.dumps(job.resource_tags),
            "pools": json.dumps(job.pools) if job.pools else "",
            "ends": end if math.isfinite(end) else None,
            "deleted": job.deleted,
            "body": json.dumps(body),
            "sealed": sealed,
            "late": json.dumps(job.late),
            "shown": json.dumps(job.shown),
            "moves": json.dumps(job.moves),
        }


def job_id_of(number: int) -> str:
    """`dlc` and 16 characters: the same for the same place in the history of a state."""
    digest = int.from_bytes(hashlib.sha256(f"job {number}".encode()).digest())
    alphabet = "0123456789abcdefghijklmnopqrstuvwxyz"
    return "dlc" + "".join(alphabet[digest // 36**place % 36] for place in range(16))


_COLUMN_NAMES = (
    *_SEARCHED,
    "tags",
    "resource_tags",
    "pools",
    "ends",
    "deleted",
    "body",
    "sealed",
    "late",
    "shown",
    "moves",
)
