"""What a job's spec asks a run to do, in one short text: alike for every spelling of the same spec."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from dlcapply.planning.fields import FIELDS, Effect, Read, effect_of
from dlcapply.planning.normalisation import normalise

if TYPE_CHECKING:
    from collections.abc import Callable

    from dlcapply.model import Job, Spec

VERSION = "v2"


def fingerprint(job: Job) -> str:
    """`v2:` and the SHA-256 of what the job's spec asks a run to do, in any spelling of it.

    Left out is what changes no result: marks, tags and other notes, circumstances, secrets, the fields that
    PAI changes in place, and what the environment decides.
    """
    return f"{VERSION}:{canonical_hash(_kept(_without_env_sources(job), _is_fingerprinted))}"


def around_fingerprint(job: Job) -> str:
    """The same of only the circumstances: what changes no result, but whether there is one."""
    return f"{VERSION}:{canonical_hash(_kept(job.spec, _is_around))}"


def hidden_fingerprint(job: Job) -> str:
    """The same of only the fields that PAI never reads back."""
    return f"{VERSION}:{canonical_hash(_kept(_without_env_sources(job), _is_hidden))}"


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


def _kept(spec: Spec, keep: Callable[[str], bool]) -> Any:
    return _select(normalise(spec), "", keep)


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
