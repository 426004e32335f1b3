"""The files that reports go to: looked at before anything is done, written whole at the end."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from dlcapply.errors import DlcapplyError, UsageError
from dlcapply.manifest.files import write_whole
from dlcapply.manifest.runners import disarmed

if TYPE_CHECKING:
    from collections.abc import Iterable

# Below these, names mean open descriptors and devices, which are not replaced but written to.
_NO_FILES = ("/dev/", "/proc/")


def check_targets(files: Iterable[str]) -> None:
    """Raises UsageError where two of them are one file, DlcapplyError where one can't be written."""
    known: dict[str, str] = {}
    for file in files:
        if reason := _hindrance(file):
            raise DlcapplyError(f"{file}: can't be written: {reason}", hint="name another file")
        real = os.path.realpath(file)
        if real in known and not _is_stream(file):
            names = " and ".join(dict.fromkeys((known[real], file)))
            raise UsageError(f"two outputs in one file: {names}", hint="name a file for each")
        known[real] = file


def _hindrance(file: str) -> str:
    """Why nothing can be written there; empty where nothing is known to hinder it."""
    try:
        return "" if _is_stream(file) else _of_file(file, Path(file))
    except OSError as error:
        return error.strerror or str(error)
    except ValueError as error:  # a NUL
        return str(error)


def _of_file(file: str, path: Path) -> str:
    if path.is_dir() or file.endswith(os.sep):
        return "it is a folder"
    if not path.parent.is_dir():
        return f"there is no folder {path.parent}"
    if path.exists() and not path.is_file():
        return "it is not a regular file"
    path.with_name(f"{path.name}.{os.getpid()}.part").exists()  # raises for a name that is too long
    writable = os.access(path.parent, os.W_OK) and (not path.exists() or os.access(path, os.W_OK))
    return "" if writable else "permission denied"


def _is_stream(file: str) -> bool:
    """Whether it is a pipe, or a device or an open descriptor by its own name, as `/dev/stdout`."""
    path = Path(os.path.normpath(Path.cwd() / file))
    try:
        mode = (path.stat if path.as_posix().startswith(_NO_FILES) else path.lstat)().st_mode
    except FileNotFoundError:
        return False
    return stat.S_ISFIFO(mode) or (
        path.as_posix().startswith(_NO_FILES) and (stat.S_ISCHR(mode) or _names_descriptor(path))
    )


def _names_descriptor(path: Path) -> bool:
    return path.as_posix() in {"/dev/stdout", "/dev/stderr"} or path.parent.name == "fd"


def write_target(file: str, text: str, *, is_obeyed: bool = False) -> None:
    """The text is in the file, whole or not at all; raises DlcapplyError where it can't be.

    `is_obeyed`: a stream may lead to a runner, which then must find no command in it.
    """
    try:
        if not _is_stream(file):
            write_whole(file, text)
            return
        with Path(file).open("a", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(disarmed(text) if is_obeyed else text)
    except OSError as error:
        raise DlcapplyError(f"{file}: can't be written: {error.strerror}") from error
