"""The name of what a plan would do: the same for two plans exactly when their writes are the same."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from dlcapply.model import Action

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dlcapply.model import Change, Scope


def digest(*, scope: Scope, changes: Iterable[Change]) -> str:
    """SHA-256, in hex, of the scope and the ordered actions; not of wording, statuses, times or places."""
    actions = [_action(change) for change in changes if change.action is not Action.UNCHANGED]
    text = json.dumps([asdict(scope), actions], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _action(change: Change) -> list[Any]:
    fields = [[field.path, field.before, field.after] for field in change.fields]
    claims = [[claim.job_id, asdict(claim.giver), claim.owner] for claim in change.claims]
    return [change.name, change.action, change.op, change.target_id, fields, claims]
