"""The two products that dlcapply speaks to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Product:
    """`host` is the first label of its regional address, `load_client` gives the SDK's client class."""

    host: str
    version: str
    load_client: Callable[[], Any]


# The SDKs take a third of a second each to import: only who needs one pays for it.
def _pai_dlc() -> Any:
    from alibabacloud_pai_dlc20201203.client import Client

    return Client


def _ai_workspace() -> Any:
    from alibabacloud_aiworkspace20210204.client import Client

    return Client


PAI_DLC = Product("pai-dlc", "2020-12-03", _pai_dlc)
AI_WORKSPACE = Product("aiworkspace", "2021-02-04", _ai_workspace)
