"""The tags dlcapply writes on each run, and what they prove about a run found live."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dlcapply.model import CLONE_TAG, LONGEST_TAG, MARK_PREFIX, Identity, Ownership, Whose
from dlcapply.planning.fields import FIELDS, IN_PLACE, Effect, Read, effect_of
from dlcapply.planning.normal import normalise

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from dlcapply.model import Claim, Environment, Job, Run, Spec

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


def carried(run: Run) -> Whose:
    """Whose the run is by its own marks, whatever a claim says."""
    if run.claim is not None:
        return run.claim.giver
    return marked(run)


def marked(run: Run) -> Whose:
    """Whose the run counts as: by its claim's marks where it has one, else by its own."""
    return Whose(run.tags.get(OWNER_TAG, ""), run.tags.get(ORIGIN_TAG, ""))


def claimed(run: Run, claim: Claim | None) -> Run:
    """The run with the marks of the claim, if there is one, in place of what its tags say of dlcapply.

    No claim takes away what protects the run or keeps its values secret. One that is for another name, or
    from somebody else than the run's marks say, is void.
    """
    if claim is None:
        return run
    if (claim.name, claim.giver) != (run.name, carried(run)):
        return replace(run, void_claim=claim)
    kept = {tag: value for tag, value in run.tags.items() if _survives_claims(tag)}
    tags = kept | {f"{MARK_PREFIX}{name}": value for name, value in claim.marks.items()}
    if names := {*secret_names(run), *claim.marks.get("env", "").split(",")} - {""}:
        tags[ENV_TAG] = ",".join(sorted(names))
    settings = {**(run.body.get("Settings") or {}), "Tags": tags}
    return replace(run, body={**run.body, "Settings": settings}, claim=claim)


def _survives_claims(tag: str) -> bool:
    return tag == PROTECT_TAG or not (is_reserved(tag) or tag == CLONE_TAG)


def calls_ours(whose: Whose, environment: Environment) -> bool:
    """Whether marks call a run the environment's: by its owner, and by its repository if they name one."""
    is_told = environment.identity is Identity.MARKS
    origins = {"", environment.origin, *environment.former_origins}
    return whose.owner == environment.owner and (whose.origin in origins or not is_told)


def giver_of(run: Run, environment: Environment) -> str:
    """Who must agree that the run becomes ours, by its own marks: another owner, or another repository."""
    whose = carried(run)
    if not whose.owner or calls_ours(whose, environment):
        return ""
    return whose.origin if whose.owner == environment.owner else whose.owner


def is_anothers(run: Run, environment: Environment) -> bool:
    """Whether a claim alone makes it something else than a run of somebody else, or of another repository."""
    return run.claim is not None and giver_of(run, environment) != ""


def is_guarded(run: Run, environment: Environment) -> bool:
    """Whether marks that are not ours protect it: then no manifest of ours can lift that.

    It may be ours by a claim, or by its name alone.
    """
    return run.tags.get(PROTECT_TAG) == "true" and not calls_ours(carried(run), environment)


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


def is_still_ours(run: Run, *, names: Collection[str], environment: Environment) -> bool:
    """Whether a run read again is the one that a plan took for ours; `names` are all that it may have."""
    owners = classify([run], environment=environment)
    return run.name in names and owners[run.job_id] is Ownership.OURS


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


def classify(runs: Iterable[Run], *, environment: Environment) -> dict[str, Ownership]:
    """Whose each run is, by JobId; `runs` are all runs of one name."""
    known_ops: set[str] = set()
    owners = {}
    for run in sorted(runs, key=lambda run: run.age_key):
        owners[run.job_id] = ownership = _ownership(run, environment, known_ops)
        if ownership is Ownership.OURS:
            known_ops.add(run.tags.get(OP_TAG, ""))
    return owners


def _ownership(run: Run, environment: Environment, known_ops: Collection[str]) -> Ownership:
    """Whose the run is; `known_ops` are the operations of our older runs."""
    if environment.identity is Identity.NAME:
        return Ownership.OURS
    if run.void_claim is not None:
        return Ownership.DISPUTED
    if CLONE_TAG in run.tags:
        return Ownership.CLONE
    whose = marked(run)
    if OWNER_TAG in run.tags and calls_ours(whose, environment):
        op = run.tags.get(OP_TAG, "")
        return Ownership.CLONE if op and op in known_ops else Ownership.OURS
    if OWNER_TAG not in run.tags:
        return Ownership.UNMARKED
    return Ownership.ELSEWHERE if whose.owner == environment.owner else Ownership.FOREIGN


def is_twin(run: Run, ownership: Ownership) -> bool:
    """Whether it is a second run of one create, and not what the console's clone made."""
    return ownership is Ownership.CLONE and CLONE_TAG not in run.tags


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
