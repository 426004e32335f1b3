"""The files that reports go to: looked at before anything is done, written whole at the end."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from dlcapply.disk import check_links, is_poured_into, is_stream, reason, write_whole
from dlcapply.errors import DlcapplyError, UsageError
from dlcapply.runners import disarmed

if TYPE_CHECKING:
    from collections.abc import Iterable


def check_targets(files: Iterable[str]) -> None:
    """Raises UsageError where two of them are one file, DlcapplyError where one can't be written."""
    known: dict[str, str] = {}
    for file in files:
        if hindrance := _hindrance(file):
            raise DlcapplyError(f"{file}: can't be written: {hindrance}", hint="name another file")
        real = os.path.realpath(file)
        if real in known and not is_poured_into(file):
            names = " and ".join(dict.fromkeys((known[real], file)))
            raise UsageError(f"two outputs in one file: {names}", hint="name a file for each")
        known[real] = file


def _hindrance(file: str) -> str:
    """Why nothing can be written there; empty where nothing is known to hinder it."""
    try:
        check_links(file)
        return "" if is_poured_into(file) else _of_file(file, Path(file))
    except (OSError, ValueError) as error:
        return reason(error)


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


def write_target(file: str, text: str, *, is_obeyed: bool = False) -> None:
    """The text is in the file, whole or not at all; raises DlcapplyError where it can't be.

    `is_obeyed`: a stream may lead to a runner, which then must find no command in it.
    """
    write_whole(file, disarmed(text) if is_obeyed and is_stream(file) else text)
