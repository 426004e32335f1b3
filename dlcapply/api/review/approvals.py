"""Approvals from files: the saved plans whose changes an apply may carry out, and no others."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dlcapply.api.plans.saved import open_plan, opened, target_mismatch
from dlcapply.disk import reason
from dlcapply.errors import DlcapplyError, UsageError
from dlcapply.manifest.files.saved_plan import find_saved_plan
from dlcapply.planning.approvals import approvals_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from dlcapply.model.jobs import Environment
    from dlcapply.planning.approvals import Approvals
    from dlcapply.planning.restored_plans import SavedPlan

_MOST_FILES = 1_000


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Saved plans that were read, for this environment."""

    plans: tuple[SavedPlan, ...]

    def at(self, now: datetime) -> Approvals:
        """What they approve at that time: one that has expired approves nothing more."""
        return approvals_of([saved.plan for saved in self.plans if now < saved.expires], now=now)


def check_alone(*, plan: bool, expect: str) -> None:
    """Raises UsageError for what approves the whole plan, beside approvals of parts."""
    if plan or expect:
        other = "--plan" if plan else "--expect"
        raise UsageError(
            f"{other} approves one whole plan, and --approved those changes that saved plans contain",
            hint="give one of the two",
        )


def approvals_from(
    words: Sequence[str], environment: Environment, *, now: datetime, note: Callable[[str], None]
) -> Reviewed:
    """The files, and the saved plans in the folders, that approve something for this environment now.

    What has expired, or is for elsewhere, approves nothing: `note` is told of it. Raises DlcapplyError for
    a file that can't be read, or was edited.
    """
    held = []
    looked_at = list(_saved_plans(words))
    for file, saved in looked_at:
        hindrance = _hindrance(saved, environment, now)
        if saved is None or hindrance:
            note(f"passed over: {file} {hindrance}")
        else:
            held.append(saved)
    if not held:
        why = "" if looked_at else "; there is no file named *.json"
        note(f"no approval holds: {', '.join(words)}{why}")
    return Reviewed(tuple(held))


def _hindrance(saved: SavedPlan | None, environment: Environment, now: datetime) -> str:
    if saved is None:
        return "is not a saved plan"
    if now >= saved.expires:
        return f"expired at {saved.expires:%Y-%m-%d %H:%M} UTC"
    return target_mismatch(saved, environment, but=("name",))


def _saved_plans(words: Iterable[str]) -> Iterator[tuple[str, SavedPlan | None]]:
    """Each file with its plan; only in a folder something else may lie beside the plans."""
    for word in words:
        if not Path(word).is_dir():
            yield word, open_plan(word)
            continue
        for file in _documents(word):
            document = find_saved_plan(file)
            yield file, None if document is None else opened(file, document)


def _documents(folder: str) -> list[str]:
    """The JSON files of the folder and of those below it, where each artefact has one of its own."""
    found: list[str] = []
    for above, folders, files in os.walk(folder, onerror=_unreadable):
        folders.sort()
        found += (str(Path(above, name)) for name in sorted(files) if name.endswith(".json"))
        if len(found) > _MOST_FILES:
            hint = "name the folder that holds only the plans"
            raise DlcapplyError(f"{folder} holds more than {_MOST_FILES:,} JSON files", hint=hint)
    return found


def _unreadable(error: OSError) -> None:
    raise DlcapplyError(f"{error.filename} can't be read: {reason(error)}") from error
