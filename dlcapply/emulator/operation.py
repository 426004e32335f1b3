"""How the parts of the service declare their operations to the gateway."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dlcapply.emulator.parameters import FLAG, TIME, choice, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.call import Call
    from dlcapply.emulator.parameters import Parameter

PAI_DLC = "2020-12-03"
AI_WORKSPACE = "2021-02-04"
PAI_STUDIO = "2022-01-12"


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation by its API name; `parameters` are the query keys that it knows, and what they may hold.

    `names_request` is off for the few whose answers have no RequestId.
    """

    name: str
    run: Callable[[Call], JsonObject]
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    version: str = PAI_DLC
    names_request: bool = True


PAGE: Mapping[str, Parameter] = {"PageNumber": whole(1, 1000), "PageSize": whole(1, 100)}
TIMES: Mapping[str, Parameter] = {"StartTime": TIME, "EndTime": TIME}
ORDER: Mapping[str, Parameter] = {"Order": choice("desc", "asc")}
VERBOSE: Mapping[str, Parameter] = {"Verbose": FLAG}
