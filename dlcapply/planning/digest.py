"""Digests: of what a change would do, of what a plan would do, and of a whole document.

An approval is for a digest, so it covers everything that would be done, and nothing that may differ without
harm.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from dlcapply.model.plans import Action

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dlcapply.model.plans import Change, Scope


@dataclass(frozen=True, slots=True)
class _Facet:
    """One part of what a change does, and the words for a change that is another in it.

    `of_start`: it is a part of the run that starts, whenever it does.
    """

    words: str
    value: Callable[[Change], Any]
    of_start: bool = False


def digest(*, scope: Scope, changes: Iterable[Change]) -> str:
    """SHA-256, in hex, of the scope and the ordered changes; what stays unchanged is left out.

    Two plans have the same digest exactly when their writes are the same.
    """
    acting = (change for change in changes if change.action is not Action.UNCHANGED)
    return document_hash([asdict(scope), [change_digest(change) for change in acting]])


def change_digest(change: Change) -> str:
    """SHA-256, in hex, of what the change would do; not of wording, statuses, times, places or provenance.

    For a run that is to start it covers all that PAI would be sent, values that no output shows included, the
    most that it may spend, and its retries.
    """
    return document_hash([facet.value(change) for facet in _FACETS])


def start_digest(change: Change) -> str:
    """SHA-256, in hex, of the run that the change starts, now or once it no longer has to wait."""
    return document_hash([facet.value(change) for facet in _FACETS if facet.of_start])


def difference(one: Change, other: Change, *, only_start: bool = False) -> str:
    """What the one would do that the other would not, in words; empty where their digests are the same.

    `only_start`: as far as it is the run that starts, now or later.
    """
    facets = (facet for facet in _FACETS if facet.of_start or not only_start)
    return next((facet.words for facet in facets if facet.value(one) != facet.value(other)), "")


def document_hash(document: Any) -> str:
    """SHA-256, in hex, of all that a JSON document says, in any order of its keys; not a signature."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _fields(change: Change) -> list[Any]:
    """What differs; empty for a stop, which does the same whatever differs."""
    if change.action is Action.STOP:
        return []
    return [[field.path, field.before, field.after] for field in change.fields]


def _claims(change: Change) -> list[Any]:
    return [[claim.job_id, asdict(claim.giver), claim.owner] for claim in change.claims]


def _body(change: Change) -> str:
    """What the write sends; empty where it only stops a run, or nothing is written."""
    if change.terms is None:
        return ""
    is_update = change.action is Action.UPDATE
    return change.terms.body if change.op else change.terms.update if is_update else ""


def _retries(change: Change) -> int:
    return change.terms.retries if change.op and change.terms else 0


_FACETS = (
    _Facet("of another job", lambda change: change.name, of_start=True),
    _Facet("as another action", lambda change: change.action),
    _Facet("for another run", lambda change: change.target_id),
    _Facet("for another spec or token", lambda change: change.op, of_start=True),
    _Facet("with other values", _fields),
    _Facet("with another body, in what no plan shows", _body, of_start=True),
    _Facet("with other retries", _retries, of_start=True),
    _Facet("with another ceiling", lambda change: change.spend and asdict(change.spend), of_start=True),
    _Facet("under other claims", _claims, of_start=True),
    _Facet("with another consent", lambda change: change.consent and asdict(change.consent)),
)
