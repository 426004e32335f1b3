"""A PAI-DLC and AIWorkSpace service in a box, that the real SDKs talk to over loopback."""

from dlcapply.emulator.catalogue import Catalogue, CodeSource, Dataset, Image, InstanceType, Quota
from dlcapply.emulator.clock import Clock
from dlcapply.emulator.database import StateError
from dlcapply.emulator.emulator import KEY_ID, SECRET, USERS, Emulator, serve_forever
from dlcapply.emulator.scenario import ScenarioError
from dlcapply.emulator.shelves import CATALOGUE
from dlcapply.emulator.wire.faults import Fault, FaultKind
from dlcapply.emulator.wire.request_log import LoggedRequest
from dlcapply.emulator.world import Lifecycle, Switches, User, Workspace

__all__ = [
    "CATALOGUE",
    "KEY_ID",
    "SECRET",
    "USERS",
    "Catalogue",
    "Clock",
    "CodeSource",
    "Dataset",
    "Emulator",
    "Fault",
    "FaultKind",
    "Image",
    "InstanceType",
    "Lifecycle",
    "LoggedRequest",
    "Quota",
    "ScenarioError",
    "StateError",
    "Switches",
    "User",
    "Workspace",
    "serve_forever",
]
