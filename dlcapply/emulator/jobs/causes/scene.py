"""The names that events and logs of one pod are filled in with."""

from __future__ import annotations

from typing import NamedTuple


class Scene(NamedTuple):
    """One pod of a job, and what goes on around it; `ids` are all pods of the job, `rank` is its place."""

    cause: str
    variant: int
    ids: tuple[str, ...]
    rank: int
    first: int
    command: str
    image: str
    node: str
    data: tuple[str, ...] = ()

    @property
    def pod(self) -> str:
        return self.ids[self.rank]

    @property
    def is_first(self) -> bool:
        return self.rank == self.first

    @property
    def program(self) -> str:
        """The script or the first word of the command."""
        words = self.command.split()
        return next((word for word in words if word.endswith(".py")), words[0] if words else "python")
