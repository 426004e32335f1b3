"""The TensorBoards in the state."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.state.database import Database


@dataclass(frozen=True, slots=True)
class Tensorboard:
    """What a TensorBoard was created with, when it was last started, and when it was stopped since.

    `body` is that of CreateTensorboard, with what was updated; `job_id` is empty for one of data alone.
    """

    tensorboard_id: str
    workspace_id: str
    user_id: str
    job_id: str
    created: float
    modified: float
    started: float
    body: JsonObject
    stopped: float | None = None

    def ends(self) -> float | None:
        """When it stopped, or will, as far as is known."""
        minutes = self.body.get("MaxRunningTimeMinutes")
        limit = self.started + 60.0 * minutes if minutes else None
        return min((at for at in (self.stopped, limit) if at is not None), default=None)

    def status(self, now: float, creating: float) -> str:
        """Its status, after so many seconds in Creating."""
        end = self.ends()
        if end is not None and end <= now:
            return "Stopped"
        return "Creating" if now < self.started + creating else "Running"


class TensorboardTable:
    """The TensorBoards of a state; to be used within a transaction."""

    def __init__(self, database: Database) -> None:
        self._connection = database.connection

    def next_id(self) -> str:
        row = self._connection.execute(
            "SELECT seq FROM sqlite_sequence WHERE name = 'tensorboards'"
        ).fetchone()
        return f"tb{hashlib.sha256(f'tensorboard {row[0] + 1 if row else 1}'.encode()).hexdigest()[:16]}"

    def add(self, one: Tensorboard) -> None:
        self._connection.execute(
            "INSERT INTO tensorboards (document, tensorboard_id) VALUES (?, ?)", self._columns(one)
        )

    def replace(self, one: Tensorboard) -> None:
        self._connection.execute(
            "UPDATE tensorboards SET document = ? WHERE tensorboard_id = ?", self._columns(one)
        )

    def remove(self, tensorboard_id: str) -> None:
        self._connection.execute("DELETE FROM tensorboards WHERE tensorboard_id = ?", (tensorboard_id,))

    def find(self, tensorboard_id: str) -> Tensorboard | None:
        return next((one for one in self.all() if one.tensorboard_id == tensorboard_id), None)

    def all(self) -> Iterator[Tensorboard]:
        rows = self._connection.execute("SELECT document FROM tensorboards ORDER BY seq").fetchall()
        return (Tensorboard(**json.loads(document)) for (document,) in rows)

    def _columns(self, one: Tensorboard) -> tuple[str, str]:
        return json.dumps(asdict(one)), one.tensorboard_id
