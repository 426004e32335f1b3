"""Projects in the folders right below the one that was named: somebody may have meant one of those."""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING

from dlcapply.manifest.paths import PROJECT_FILE

if TYPE_CHECKING:
    from pathlib import Path

# A hint is not worth the time that a folder with tens of thousands of entries takes.
_MOST_LOOKED_AT = 1_000


def projects_below(folder: Path) -> list[Path]:
    """The folders right below this one that hold a project file, sorted; hidden ones are left out."""
    try:
        with os.scandir(folder) as entries:
            names = [
                entry.name for entry in islice(entries, _MOST_LOOKED_AT) if not entry.name.startswith(".")
            ]
    except OSError:  # not a folder, or not ours to read
        return []
    return [folder / name for name in sorted(names) if (folder / name / PROJECT_FILE).is_file()]
