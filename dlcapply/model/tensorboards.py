"""TensorBoards of runs."""

from __future__ import annotations

from dataclasses import dataclass

_GOES_ON = frozenset({"creating", "running", "starting"})


@dataclass(frozen=True, slots=True)
class Tensorboard:
    """A TensorBoard as the service shows it; `address` is empty while it has none."""

    tensorboard_id: str
    name: str = ""
    status: str = ""
    summary_path: str = ""
    address: str = ""
    created: str = ""
    user: str = ""

    @property
    def is_active(self) -> bool:
        """Whether it runs, or is about to: PAI's own examples write statuses in both cases."""
        return self.status.lower() in _GOES_ON

    @property
    def is_stopped(self) -> bool:
        """Whether it can be started again."""
        return self.status.lower() in {"stopped", "succeeded", "failed"}
