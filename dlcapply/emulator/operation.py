"""The form in which each area of the service says what it can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.call import Call

PAI_DLC = "2020-12-03"
AI_WORKSPACE = "2021-02-04"


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation by its API name; `parameters` are the query keys that it understands."""

    name: str
    run: Callable[[Call], JsonObject]
    parameters: frozenset[str] = frozenset()
    version: str = PAI_DLC


PAGE = frozenset({"PageNumber", "PageSize"})
TIMES = frozenset({"StartTime", "EndTime"})
