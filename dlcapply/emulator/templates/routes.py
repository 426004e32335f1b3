"""The operations on job templates, by method and path."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.emulator.operation import Operation

OPERATIONS: Mapping[tuple[str, str], Operation] = {}
