"""What the commands take from the process around them: the time, the terminal, the environment."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dlcapply.errors import DlcapplyError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TextIO

    from dlcapply.cli.streams import Teller
    from dlcapply.model import Clock


_STATE = ".dlcapply"
# How long a sleeper may take to notice that it is to wake.
_SLICE = 0.1
# What TERM says of terminals that only print.
_DUMB = {"dumb", "unknown"}


class SystemClock:
    """The machine's clock; a sleep ends early once `wake` was called, which a signal handler may do.

    No lock is taken: the handler may interrupt the very thread that holds it.
    """

    def __init__(self) -> None:
        self._is_awake = False

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self._is_awake and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, _SLICE))

    def wake(self) -> None:
        self._is_awake = True


@dataclass(frozen=True, slots=True)
class Shell:
    """The process around a command; tests give their own clock and environment.

    `untold` are the files whose report could not be written.
    """

    environ: Mapping[str, str]
    clock: Clock = field(default_factory=SystemClock)
    wake: Callable[[], None] = lambda: None
    color: str = "auto"
    untold: list[str] = field(default_factory=list)


def is_colored(stream: Teller, shell: Shell) -> bool:
    """Whether text for the stream is styled: as --color says, else as the environment does.

    NO_COLOR (https://no-color.org) goes before FORCE_COLOR and CLICOLOR_FORCE, and these before the terminal.
    """
    if shell.color != "auto":
        return shell.color == "always"
    environ = shell.environ
    if environ.get("NO_COLOR"):
        return False
    if any(environ.get(name, "0") not in {"", "0", "false"} for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return is_able_terminal(stream, shell) and environ.get("CLICOLOR") != "0"


def is_able_terminal(stream: Teller, shell: Shell) -> bool:
    """Whether the stream is a terminal that has colours and a cursor to move."""
    return is_terminal(stream) and shell.environ.get("TERM") not in _DUMB


def is_terminal(stream: TextIO | Teller | None) -> bool:
    """Whether a person may be there; a closed stream has nobody."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def read_stdin() -> str:
    return sys.stdin.read()


def state_file(root: str, name: str) -> Path:
    """Where a file of the project's state is, or will be."""
    return Path(root, _STATE, name)


def state_folder(root: str) -> Path:
    """The folder for the journal and the embedded emulator, kept out of git by a file of its own.

    Raises DlcapplyError where it can't be made.
    """
    folder = Path(root, _STATE)
    ignore = folder / ".gitignore"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise DlcapplyError(
            f"{folder} can't be written: {error.strerror}", hint="make the project's folder writable"
        ) from error
    return folder
