"""TensorBoards of runs."""

from __future__ import annotations

from dataclasses import dataclass

_GOES_ON = frozenset({"creating", "running", "starting"})


@dataclass(frozen=True, slots=True)
class Tensorboard:
    """A TensorBoard as the service shows it; `address` is empty while it has none.

    After so many `minutes` it stops by itself; None where the service does not say so.
    """

    tensorboard_id: str
    name: str = ""
    status: str = ""
    summary_path: str = ""
    address: str = ""
    created: str = ""
    user: str = ""
    minutes: int | None = None

    @property
    def is_active(self) -> bool:
        """Whether it runs, or is about to: PAI's own examples write statuses in both cases."""
        return self.status.lower() in _GOES_ON

    @property
    def is_endless(self) -> bool:
        """Whether it runs, for all that is known, until somebody stops it."""
        return self.is_active and self.minutes is None

    @property
    def is_stopped(self) -> bool:
        """Whether it can be started again."""
        return self.status.lower() in {"stopped", "succeeded", "failed"}
