"""The writes of which nobody knows what became: from the journal alone, as after a killed apply."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from dlcapply.api.command_lines import typed
from dlcapply.api.state import JOURNAL, state_folder
from dlcapply.applying.journal import UPDATE_CALL, Journal
from dlcapply.applying.open_writes import OpenWrite, open_writes
from dlcapply.manifest.load import project_root
from dlcapply.model.runs import may_be_job_id
from dlcapply.rendering.rows.unresolved import Unresolved, UnresolvedRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.api.options import TargetOptions
    from dlcapply.model.clock import Clock

# Of a journal's target; what is written otherwise is no apply's.
_TARGET = re.compile(r"(?P<region>[\w-]+)/(?P<workspace>[\w-]+) (?P<owner>[\w./-]+) at \S.*")
_OPERATION = re.compile(r"[0-9a-f]{32}")


def unresolved(target: TargetOptions, environ: Mapping[str, str], *, clock: Clock) -> Unresolved:
    """What the journal leaves open; with an environment, only of that one and of what can't be told apart.

    No manifest is read and no service asked, so that it can be told whatever became of these. Raises
    DlcapplyError where the journal can't be read, UsageError for paths that don't exist.
    """
    root = str(project_root(target.paths)) if target.paths else ""
    folder = state_folder(target.state_dir, environ, root=lambda: root or str(project_root(())))
    file = folder.file(JOURNAL)
    left = open_writes(Journal(file, clock=clock, where="").entries())
    asked = [write for write in left if _is_asked(write, target.environment)]
    rows = tuple(_row(write, target) for write in asked)
    return Unresolved(str(file), file.exists(), rows, len(left) - len(asked))


def _is_asked(write: OpenWrite, environment: str) -> bool:
    of = _environment(_owner(write))
    return not environment or not of or of == environment


def _owner(write: OpenWrite) -> str:
    found = _TARGET.fullmatch(write.where)
    return found["owner"] if found else ""


def _environment(owner: str) -> str:
    """The environment that the runs of a project's owner are of; empty without a project."""
    return owner.rpartition("/")[2] if "/" in owner else ""


def _row(write: OpenWrite, target: TargetOptions) -> UnresolvedRow:
    return UnresolvedRow(
        name=write.name,
        call=write.call,
        op=write.op,
        begun=write.begun,
        where=write.where,
        command=_command(write, target),
        provenance=write.provenance,
    )


def _command(write: OpenWrite, target: TargetOptions) -> str:
    """What tells the outcome: of a create its operation, of an update a plan, else the status of its run."""
    there = _TARGET.fullmatch(write.where)
    if there is None:
        return ""
    target = _led(target, there)
    if not write.is_create:
        is_of_run = write.call != UPDATE_CALL and may_be_job_id(write.op)
        return typed("status", target, name=write.op) if is_of_run else typed("plan", target)
    if write.by_name:
        return typed("status", target, name=write.name)
    return typed("status", target, "--op", write.op) if _OPERATION.fullmatch(write.op) else ""


def _led(target: TargetOptions, there: re.Match[str]) -> TargetOptions:
    """The options with those that lead to the target of an entry."""
    if environment := _environment(there["owner"]):
        return replace(target, environment=environment)
    return replace(
        target,
        region=target.region or there["region"],
        workspace=target.workspace or there["workspace"],
        owner=target.owner or there["owner"],
    )
