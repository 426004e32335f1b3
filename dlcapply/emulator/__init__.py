"""A PAI-DLC and AIWorkSpace service in a box, that the real SDKs talk to over loopback."""

from dlcapply.emulator.clock import Clock
from dlcapply.emulator.emulator import KEY_ID, SECRET, USERS, Emulator, serve_forever
from dlcapply.emulator.faults import Fault, FaultKind
from dlcapply.emulator.lifecycle import Lifecycle
from dlcapply.emulator.request_log import LoggedRequest
from dlcapply.emulator.service import Workspace
from dlcapply.emulator.signature import User
from dlcapply.emulator.store import StateError

__all__ = [
    "KEY_ID",
    "SECRET",
    "USERS",
    "Clock",
    "Emulator",
    "Fault",
    "FaultKind",
    "Lifecycle",
    "LoggedRequest",
    "StateError",
    "User",
    "Workspace",
    "serve_forever",
]
