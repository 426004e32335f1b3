"""The emulator standing alone: served on this machine for as long as somebody wants it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlcapply.disk import check_file, reason
from dlcapply.emulator import KEY_ID, Clock, Emulator, ScenarioError, StateError, serve_forever
from dlcapply.errors import DlcapplyError, UsageError
from dlcapply.manifest.files.scenario import read_scenario_file

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class EmulatorOptions:
    """How the emulator is served; the scenario, the state and the log are files, empty for none.

    `clock` is `real` or `still`, None for what the scenario says; `speed` is in emulated seconds a second.
    """

    host: str
    port: int
    names: tuple[str, ...]
    state: str | None
    log: str | None
    scenario: str | None
    clock: str | None
    speed: float | None
    no_control: bool


@dataclass(frozen=True, slots=True)
class Serving:
    """An emulator that answers at `address`; `workspace` is empty where requests must name one.

    `secret` is None where it is the scenario's own.
    """

    host: str
    address: str
    key_id: str
    secret: str | None
    workspace: str
    has_control: bool


def serve_emulator(options: EmulatorOptions, *, announce: Callable[[Serving], None]) -> None:
    """The emulator was served until the process was interrupted; `announce` was called once it answered.

    Raises DlcapplyError for files and addresses that can't be used.
    """
    try:
        emulator = _emulator(options)
        serve_forever(emulator, announce=lambda address: announce(_serving(emulator, address)))
    except StateError as error:
        raise DlcapplyError(str(error), hint="name another file with --state or --log") from error
    except ScenarioError as error:
        raise DlcapplyError(f"{options.scenario}: {error}", hint="see docs/emulator.md") from error
    except (OSError, UnicodeError) as error:
        what = f"{options.host} port {options.port} can't be served: {reason(error)}"
        raise DlcapplyError(what, hint="name another with --host or --port") from error


def _emulator(options: EmulatorOptions) -> Emulator:
    document = read_scenario_file(options.scenario) if options.scenario else {}
    clock = _clock(options, document)
    return Emulator.from_scenario(
        document,
        state=_file(options.state, "--state"),
        log=_file(options.log, "--log"),
        **({"clock": clock} if clock else {}),
        host=options.host,
        port=options.port,
        names=options.names,
        control=not options.no_control,
    )


def _file(name: str | None, option: str) -> Path | None:
    """The file that the emulator may keep; raises DlcapplyError for a pipe, a device, or a planted link."""
    if not name:
        return None
    try:
        check_file(name)
    except OSError as error:
        hint = f"name another file with {option}"
        raise DlcapplyError(f"{name} can't be used: {reason(error)}", hint=hint) from error
    return Path(name)


def _clock(options: EmulatorOptions, document: Any) -> Clock | None:
    """The clock that the options ask for; None where they leave it to the scenario."""
    if options.clock == "still" and options.speed:
        raise UsageError("--clock still has no --speed")
    if options.clock is None and options.speed is None:
        return None if "clock" in document else Clock.real()
    try:
        return Clock.still() if options.clock == "still" else Clock.real(speed=options.speed or 1.0)
    except ValueError as error:
        raise UsageError(f"--speed: {error}") from error


def _serving(emulator: Emulator, address: str) -> Serving:
    key_id, user = next(iter(emulator.users.items()))
    workspace = next((one.workspace_id for one in emulator.workspaces if one.is_default), "")
    secret = user.secret if key_id == KEY_ID else None
    return Serving(emulator.host, address, key_id, secret, workspace, bool(emulator.control))
