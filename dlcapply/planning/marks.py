"""The tags dlcapply writes on each run, and what they say of the spec and the token it was started for."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from dlcapply.model import LONGEST_TAG, MARK_PREFIX, Identity
from dlcapply.planning.fields import FIELDS, IN_PLACE, Effect, Read, effect_of
from dlcapply.planning.normalisation import normalise

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dlcapply.model import Job, Run, Spec

OWNER_TAG = f"{MARK_PREFIX}owner"
ORIGIN_TAG = f"{MARK_PREFIX}origin"
SPEC_TAG = f"{MARK_PREFIX}spec"
AROUND_TAG = f"{MARK_PREFIX}around"
HIDDEN_TAG = f"{MARK_PREFIX}hidden"
TOKEN_TAG = f"{MARK_PREFIX}token"
OP_TAG = f"{MARK_PREFIX}op"
# Which of the fields that PAI changes in place the manifest set: without them, they go back to the default.
SET_TAG = f"{MARK_PREFIX}set"
PROTECT_TAG = f"{MARK_PREFIX}protect"
# The variables whose values came from the environment at apply time: never shown, whoever asks later.
ENV_TAG = f"{MARK_PREFIX}env"
# Commit, actor and the CI's run, for people: nothing is decided by it.
FROM_TAG = f"{MARK_PREFIX}from"
# The marks that decide, in dlcapply's own spelling; the owner is a name that somebody chose.
DECIDING_TAGS = frozenset(
    {ORIGIN_TAG, SPEC_TAG, AROUND_TAG, HIDDEN_TAG, TOKEN_TAG, OP_TAG, SET_TAG, PROTECT_TAG, ENV_TAG}
)

VERSION = "v2"


def fingerprint(job: Job) -> str:
    """`v2:` and the SHA-256 of what the job's spec asks a run to do, in any spelling of it.

    Left out is what changes no result: marks, tags and other notes, circumstances, secrets, the fields that
    PAI changes in place, and what the environment decides.
    """
    return f"{VERSION}:{_digest(_kept(_without_env_sources(job), _is_fingerprinted))}"


def around_fingerprint(job: Job) -> str:
    """The same of only the circumstances: what changes no result, but whether there is one."""
    return f"{VERSION}:{_digest(_kept(job.spec, _is_around))}"


def hidden_fingerprint(job: Job) -> str:
    """The same of only the fields that PAI never reads back."""
    return f"{VERSION}:{_digest(_kept(_without_env_sources(job), _is_hidden))}"


def operation_id(job: Job, *, newest: Run | None) -> str:
    """The name of the one run that may follow `newest`: alike on every machine that sees this history."""
    previous = newest.job_id if newest else ""
    key = job.key
    whose = [key.region, key.workspace_id, key.owner, key.origin, key.name]
    return _digest([*whose, fingerprint(job), job.rules.token, previous])[:32]


def work_id(job: Job) -> str:
    """What a run of the job is paid for, its spec and token: alike under any name, and in any repository."""
    return _digest([fingerprint(job), job.rules.token])[:32]


def marks_for(job: Job, *, op: str, provenance: str = "") -> dict[str, str]:
    """The tags of a run about to be created."""
    marks = {
        OWNER_TAG: job.key.owner,
        SPEC_TAG: fingerprint(job),
        AROUND_TAG: around_fingerprint(job),
        HIDDEN_TAG: hidden_fingerprint(job),
        TOKEN_TAG: job.rules.token,
        OP_TAG: op,
    }
    if job.key.origin:
        marks[ORIGIN_TAG] = job.key.origin
    if chosen := [path for path in IN_PLACE if path in job.spec]:
        marks[SET_TAG] = ",".join(chosen)
    marks |= hiding_marks(job)
    if job.rules.protect:
        marks[PROTECT_TAG] = "true"
    if provenance:
        marks[FROM_TAG] = provenance
    return marks


def hiding_marks(job: Job) -> dict[str, str]:
    """The marks without which a later plan would show values that came from the environment."""
    return {ENV_TAG: _names_mark(job)} if job.env_from else {}


def create_body(job: Job, *, marks: Mapping[str, str], env: Mapping[str, str]) -> dict[str, Any]:
    """The CreateJob body: spec, name, labels and marks as tags, and the resolved values of `env_from`."""
    body = {**job.spec, "DisplayName": job.name}
    settings = body.get("Settings") or {}
    tags = {**job.labels, **(settings.get("Tags") or {}), **marks}
    if tags:
        body["Settings"] = {**settings, "Tags": tags}
    if env:
        body["Envs"] = {**(body.get("Envs") or {}), **env}
    return body


def body_to_create(
    job: Job, *, identity: Identity, op: str, env: Mapping[str, str], provenance: str = ""
) -> dict[str, Any]:
    """The CreateJob body with the marks that the identity asks for."""
    by_marks = identity is Identity.MARKS
    marks = marks_for(job, op=op, provenance=provenance) if by_marks else hiding_marks(job)
    return create_body(job, marks=marks, env=env)


def spec_changed(run: Run, *, job: Job) -> bool:
    """Whether the run's mark says that it was started for another spec.

    A run without the mark, or with one of a version this dlcapply does not know, says nothing.
    """
    return _says_other(run.tags.get(SPEC_TAG), fingerprint(job))


def has_spec_mark(run: Run) -> bool:
    """Whether the run says which spec it was started for, in a version that this dlcapply knows."""
    return _is_known(run.tags.get(SPEC_TAG, ""))


def around_changed(run: Run, *, job: Job) -> bool:
    """The same for the circumstances."""
    return _says_other(run.tags.get(AROUND_TAG), around_fingerprint(job))


def around_mark(run: Run) -> str:
    """What the run says of its circumstances; empty where that is nothing that this dlcapply knows."""
    mark = run.tags.get(AROUND_TAG, "")
    return mark if _is_known(mark) else ""


def hidden_changed(run: Run, *, job: Job) -> bool:
    """The same for the fields that PAI never reads back."""
    return _says_other(run.tags.get(HIDDEN_TAG), hidden_fingerprint(job))


def token_changed(run: Run, *, job: Job) -> bool:
    return run.tags.get(TOKEN_TAG, job.rules.token) != job.rules.token


def is_same(run: Run, *, job: Job) -> bool:
    """Whether the run was started for this spec and token, as far as its marks say."""
    return not spec_changed(run, job=job) and not token_changed(run, job=job)


def _says_other(mark: str | None, value: str) -> bool:
    return mark is not None and _is_known(mark) and mark != value


def _is_known(mark: str) -> bool:
    return mark.startswith(f"{VERSION}:")


def fields_left(run: Run, *, spec: Spec) -> tuple[str, ...]:
    """The fields changed in place that the run was created with, and that the spec does not set any more."""
    created_with = run.tags.get(SET_TAG, "").split(",")
    return tuple(path for path in IN_PLACE if path in created_with and path not in spec)


def secret_names(run: Run) -> tuple[str, ...]:
    """The variables of the run whose values came from the environment; `*` stands for any."""
    return tuple(run.tags.get(ENV_TAG, "").split(","))


def _names_mark(job: Job) -> str:
    names = ",".join(sorted(source.name for source in job.env_from))
    return names if len(names) <= LONGEST_TAG else "*"


def is_reserved(tag: str) -> bool:
    return tag.startswith(MARK_PREFIX)


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


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
