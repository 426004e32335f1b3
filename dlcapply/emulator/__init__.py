"""PAI-DLC, and parts of AIWorkSpace and PaiStudio, in a box that the real SDKs talk to over loopback.

It shares no code with the rest of dlcapply: a mistake about the service that both had made would pass every
test. What is said of the service is read off its documents and SDKs, here a second time.
"""

from dlcapply.emulator.clock import Clock
from dlcapply.emulator.emulator import KEY_ID, SECRET, USERS, Emulator, serve_forever
from dlcapply.emulator.state.database import StateError
from dlcapply.emulator.wire.request_log import LoggedRequest
from dlcapply.emulator.world.catalogue import Catalogue, CodeSource, Dataset, Image, InstanceType, Quota
from dlcapply.emulator.world.causes import CAUSES
from dlcapply.emulator.world.default_catalogue import CATALOGUE
from dlcapply.emulator.world.faults import Fault, FaultKind
from dlcapply.emulator.world.scenario import ScenarioError
from dlcapply.emulator.world.switches import Switches
from dlcapply.emulator.world.world import Lifecycle, User, Workspace

__all__ = [
    "CATALOGUE",
    "CAUSES",
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
