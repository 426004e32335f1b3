"""The saved plan in an artefact: one JSON file of a zip archive, read in memory and within bounds."""

from __future__ import annotations

import io
import zipfile
import zlib
from hashlib import sha256
from stat import S_IFMT, S_IFREG
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dlcapply.forge.values import Artifact

# Those of a saved plan (manifest/files/saved_plan.py), and of what compresses it badly.
LARGEST_PLAN = 16 << 20
LARGEST_ARCHIVE = 16 << 20
_MOST_FILES = 100
_KINDS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1
# What zipfile raises for archives that are none, or lie about themselves.
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError)


class RefusedArchiveError(ValueError):
    """The archive is not one that holds a plan; the words say why."""


def plan_in(archive: bytes, artifact: Artifact) -> bytes:
    """The text of the one JSON file at the top of the archive; raises RefusedArchiveError.

    No name of a file is used for anything: nothing is unpacked.
    """
    if len(archive) > LARGEST_ARCHIVE:
        raise RefusedArchiveError(f"its archive has more than {LARGEST_ARCHIVE >> 20} MiB")
    if artifact.digest and sha256(archive).hexdigest() != artifact.digest:
        raise RefusedArchiveError("its archive is not the one that was uploaded: its SHA-256 differs")
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            return _read(opened, _only_plan(opened.infolist()))
    except RefusedArchiveError:
        raise
    except _BROKEN as error:
        raise RefusedArchiveError("its archive is no zip file, or a broken one") from error


def _only_plan(entries: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    if len(entries) > _MOST_FILES:
        raise RefusedArchiveError(f"its archive holds more than {_MOST_FILES} files")
    plans = [entry for entry in entries if entry.filename.lower().endswith(".json")]
    if len(plans) != 1:
        raise RefusedArchiveError(f"its archive holds {len(plans)} JSON files, and a plan is one")
    plan = plans[0]
    if any(char in plan.filename for char in "/\\:\0"):
        raise RefusedArchiveError("the JSON file of its archive is not at the top")
    kind = S_IFMT(plan.external_attr >> 16)
    if kind not in {0, S_IFREG} or plan.flag_bits & _ENCRYPTED or plan.compress_type not in _KINDS:
        raise RefusedArchiveError(
            "the JSON file of its archive is a link, encrypted, or packed in another way"
        )
    return plan


def _read(opened: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with opened.open(entry) as stream:
        text = stream.read(LARGEST_PLAN + 1)
    if len(text) > LARGEST_PLAN:
        raise RefusedArchiveError(f"the plan in its archive is longer than {LARGEST_PLAN >> 20} MiB")
    return text
