"""The name of what a plan would do, and the one of a whole document."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from dlcapply.model import Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dlcapply.model import Change, Scope


def digest(*, scope: Scope, changes: Iterable[Change]) -> str:
    """SHA-256, in hex, of the scope and the ordered actions; not of wording, statuses, times or places.

    Two plans have the same exactly when their writes are the same.
    """
    actions = [_action(change) for change in changes if change.action is not Action.UNCHANGED]
    return _sha256([asdict(scope), actions])


def document_hash(document: Mapping[str, Any]) -> str:
    """SHA-256, in hex, of all that a JSON document says, in any order of its keys; no signature."""
    return _sha256(document)


def _sha256(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _action(change: Change) -> list[Any]:
    fields = [[field.path, field.before, field.after] for field in change.fields]
    claims = [[claim.job_id, asdict(claim.giver), claim.owner] for claim in change.claims]
    return [change.name, change.action, change.op, change.target_id, fields, claims]
