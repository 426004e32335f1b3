"""Paths as people type them and as findings show them, and the files of a project that have fixed names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from dlcapply.disk import here, is_stream, reason
from dlcapply.errors import UsageError
from dlcapply.manifest.findings import finding
from dlcapply.model.findings import Place

if TYPE_CHECKING:
    from dlcapply.model.findings import Finding

PROJECT_FILE = "dlcapply.yaml"
CLAIMS_FILE = "dlcapply.claims.yaml"
STDIN = "-"


def is_piped(word: str) -> bool:
    """Whether the word of the command line names what is piped in, which lies in no folder."""
    return word == STDIN or is_stream(word)


def target_path(text: str) -> Path:
    """The absolute path that a word of the command line means; UsageError where nothing is there."""
    path = Path(os.path.normpath(here() / text))
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UsageError(f"there is no file or folder {text}") from error
    except (OSError, ValueError) as error:
        raise UsageError(f"{text} can't be looked at: {reason(error).lower()}") from error
    return path.parent if path.name == PROJECT_FILE else path


def shown_path(path: Path, working: Path | None = None) -> str:
    """The path as findings show it: relative when it lies below the working folder, which is `working`."""
    top = (working or here()).as_posix().rstrip("/")
    return "." if path.as_posix() == top else path.as_posix().removeprefix(f"{top}/")


def outside_finding(path: Path) -> Finding:
    message = "this link leads out of the project"
    return finding(
        "outside-project", message, Place(shown_path(path)), hint="put what it leads to here, or name no link"
    )
