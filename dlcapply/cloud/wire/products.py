"""The products that dlcapply speaks to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Product:
    """`host` is the first label of its regional address, `load_client` gives the SDK's client class.

    `ram` is what RAM may call it, before the colon of an action.
    """

    host: str
    version: str
    load_client: Callable[[], Any]
    ram: tuple[str, ...]


# The SDKs take a third of a second each to import: only who needs one pays for it.
def _pai_dlc() -> Any:
    from alibabacloud_pai_dlc20201203.client import Client

    return Client


def _ai_workspace() -> Any:
    from alibabacloud_aiworkspace20210204.client import Client

    return Client


# Alibaba's documents disagree on the first: `paidlc` in the table of actions, `pai` in the skill.
PAI_DLC = Product("pai-dlc", "2020-12-03", _pai_dlc, ("pai", "paidlc"))
# Its own SDK is not needed: answers are read raw, and any client signs and sends alike.
PAI_STUDIO = Product("pai", "2022-01-12", _pai_dlc, ("pai",))
AI_WORKSPACE = Product("aiworkspace", "2021-02-04", _ai_workspace, ("paiworkspace",))
