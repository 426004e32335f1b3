"""What a job's spec asks of a run, in short texts that are the same for every spelling of the same spec.

They are written on runs and compared years later, so what goes into them may never change: another way of
taking them needs another version beside this one.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dlcapply.planning.fields import FIELDS, Effect, Read, effect_of
from dlcapply.planning.normalisation import normalise

if TYPE_CHECKING:
    from collections.abc import Callable

    from dlcapply.model.jobs import Job, Spec

VERSION = "v2"
_MEMO = "fingerprints"


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Those of one job: each is `v2:` and a SHA-256 in hex.

    `spec` is of what the result of a run depends on. Left out is what changes no result: marks, tags and
    other notes, circumstances, secrets, fields that PAI changes in place, and what the environment decides.
    `around` is of the circumstances alone: they change no result, but may decide whether there is one.
    `hidden` is of the fields that PAI never reads back, so that a change of one of them can be named.
    """

    spec: str
    around: str
    hidden: str


def fingerprints(job: Job) -> Fingerprints:
    """The job's fingerprints, worked out once: every run of its name is held against them, at each step."""
    known: Fingerprints | None = job.memo.get(_MEMO)
    if known is None:
        known = job.memo[_MEMO] = _of_spec(_without_env_sources(job))
    return known


def fingerprint(job: Job) -> str:
    """The fingerprint that says what a run is paid for."""
    return fingerprints(job).spec


def _of_spec(spec: Spec) -> Fingerprints:
    normal = normalise(spec)
    return Fingerprints(
        spec=_print(normal, _is_fingerprinted),
        around=_print(normal, _is_around),
        hidden=_print(normal, _is_hidden),
    )


def _print(normal: Spec, keep: Callable[[str], bool]) -> str:
    return f"{VERSION}:{canonical_hash(_select(normal, '', keep))}"


def _without_env_sources(job: Job) -> Spec:
    named = {source.name for source in job.env_from}
    envs = {name: value for name, value in (job.spec.get("Envs") or {}).items() if name not in named}
    return {**job.spec, "Envs": envs}


def _is_fingerprinted(path: str) -> bool:
    return effect_of(path) in {Effect.RESULT, None}


def _is_around(path: str) -> bool:
    return effect_of(path) is Effect.CIRCUMSTANCES


def _is_hidden(path: str) -> bool:
    return path in FIELDS and FIELDS[path].read is Read.NEVER and FIELDS[path].effect is Effect.RESULT


def _select(value: Any, path: str, keep: Callable[[str], bool]) -> Any:
    match value:
        case dict():
            chosen = {
                key: _select(item, f"{path}.{key}" if path else key, keep) for key, item in value.items()
            }
            return {key: item for key, item in chosen.items() if item is not None} or None
        case list():
            items = [_select(item, f"{path}[]", keep) for item in value]
            return items if any(item is not None for item in items) else None
        case _:
            return value if keep(path) else None


def canonical_hash(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
