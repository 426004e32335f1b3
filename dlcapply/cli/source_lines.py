"""The files that findings are about: their lines, and their names in the repository."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from dlcapply.disk import MAX_BYTES, escaping_link, here, is_stream, read_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from dlcapply.model.findings import Place
    from dlcapply.rendering.text.snippets import Source


# Characters of files whose lines are judged: far more than anybody reads below findings.
MOST_JUDGED = 1 << 20


def source_of_files() -> Source:
    """The line at a place as its file now reads; None where it can't be read or may hold a secret.

    None too in the files that follow once so many characters were judged.
    """
    judged = 0

    @lru_cache(maxsize=1)  # findings come file by file
    def lines_of(file: str) -> tuple[str | None, ...]:
        from dlcapply.rendering.showable import showable_lines

        nonlocal judged
        text = _text(file) if judged < MOST_JUDGED else ""
        judged += len(text)
        return showable_lines(text)

    def line_at(place: Place) -> str | None:
        lines = lines_of(place.file)
        return lines[place.line - 1] if place.line <= len(lines) else None

    return line_at


def _text(file: str) -> str:
    try:
        if is_stream(file) or escaping_link(file) is not None:
            return ""  # what was read of it is gone, or nobody's to show
        data = read_bytes(file)
    except (OSError, ValueError):
        return ""
    return data.decode("utf-8", "replace") if len(data) <= MAX_BYTES else ""


def repository_names() -> Callable[[str], str]:
    """A function from a file to its path below the nearest folder with a `.git`, or else the working folder.

    Files elsewhere become absolute; what is not a file, as `<stdin>`, stays what it is.
    """
    working = here()
    folders = (working, *working.parents)
    root = next((folder for folder in folders if os.path.lexists(folder / ".git")), working)

    @lru_cache
    def named(file: str) -> str:
        path = Path(os.path.normpath(working / file))
        if not os.path.lexists(path):
            return file
        return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()

    return named
