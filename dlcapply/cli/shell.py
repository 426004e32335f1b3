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

    from dlcapply.model import Clock


_STATE = ".dlcapply"
# How long a sleeper may take to notice that it is to wake.
_SLICE = 0.1


class SystemClock:
    """The machine's clock; a sleep ends early once `wake` was called, which a signal handler may do.

    No lock is taken: the handler may interrupt the very thread that holds it.
    """

    def __init__(self) -> None:
        self._is_awake = False

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self._is_awake and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, _SLICE))

    def wake(self) -> None:
        self._is_awake = True


@dataclass(frozen=True, slots=True)
class Shell:
    """The process around a command; tests give their own clock and environment."""

    environ: Mapping[str, str]
    clock: Clock = field(default_factory=SystemClock)
    wake: Callable[[], None] = lambda: None
    color: str = "auto"


def is_colored(stream: TextIO, shell: Shell) -> bool:
    """Whether text for the stream is styled: as --color says, else on a terminal unless NO_COLOR is set."""
    if shell.color != "auto":
        return shell.color == "always"
    return is_terminal(stream) and not shell.environ.get("NO_COLOR")


def is_terminal(stream: TextIO) -> bool:
    return stream.isatty()


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
