"""The bench of the applying tests: an emulator whose clock is turned by whoever sleeps."""

from __future__ import annotations

from tests.applying.conftest import bench, make_emulator

__all__ = ["bench", "make_emulator"]
