"""Asking for new runs: another `run.token` in the text of each manifest, to be reviewed and applied."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dlcapply.api.journals import journal_of
from dlcapply.api.load import Manifests, judged, judged_with
from dlcapply.api.options import PlanOptions
from dlcapply.api.plans.plan import plan_live
from dlcapply.disk import is_read_only, is_stream, read_bytes, reason, write_whole
from dlcapply.errors import DlcapplyError, InvalidManifestsError, UsageError
from dlcapply.manifest.expressions import OPENING
from dlcapply.manifest.near_names import meant_names
from dlcapply.manifest.nodes import get
from dlcapply.manifest.paths import STDIN, is_piped
from dlcapply.manifest.token_edits import UneditableError, with_token
from dlcapply.model.findings import Level, Place
from dlcapply.model.jobs import Identity
from dlcapply.planning.marks import TOKEN_TAG
from dlcapply.planning.operations import work_id
from dlcapply.planning.tokens import next_token
from dlcapply.rendering.rows.actions import EditedFile, NewToken

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence
    from datetime import date

    from dlcapply.api.connect import Service
    from dlcapply.api.options import TargetOptions
    from dlcapply.manifest.canonical import Composed
    from dlcapply.manifest.nodes import Node
    from dlcapply.model.jobs import Job
    from dlcapply.model.plans import Plan


@dataclass(frozen=True, slots=True)
class Reruns:
    """What is to be written, and the manifests as they are once it is."""

    tokens: tuple[NewToken, ...]
    files: tuple[EditedFile, ...]
    manifests: Manifests


def jobs_to_rerun(target: TargetOptions, environ: Mapping[str, str], names: Sequence[str]) -> Manifests:
    """The manifests, all of the named jobs among them, each in a file that can be edited.

    Raises UsageError for what can't be rerun, InvalidManifestsError where what is wrong may hide a name.
    """
    if any(map(is_piped, target.paths)):
        raise UsageError("a manifest on standard input can't be edited", hint="name its file: -f FILE")
    if not names:
        raise UsageError("rerun needs the name of a job", hint="dlcapply status lists them")
    loaded = judged(target, environ, keeps_composed=True)
    errors = [finding for finding in loaded.findings if finding.level is Level.ERROR]
    known = {job.name for job in loaded.jobs}
    if unknown := [name for name in names if name not in known]:
        if errors:
            raise InvalidManifestsError(errors, f"no valid manifest declares {unknown[0]}")
        hint = meant_names(unknown[0], known) or "dlcapply status lists the jobs of the manifests"
        raise UsageError(f"no manifest declares {unknown[0]}", hint=hint)
    if loaded.environment is None:
        raise InvalidManifestsError(errors)
    if loaded.environment.identity is Identity.NAME:
        hint = "change its spec to ask for a new run"
        raise UsageError(
            "with identity: name, no run tells its token, and none asks for a new one", hint=hint
        )
    return Manifests(target, loaded, loaded.environment, environ)


def tokens_taken(manifests: Manifests, service: Service, names: Iterable[str]) -> dict[str, Container[str]]:
    """By job, the tokens that runs of any of its names were started for, whoever's they are."""
    paid_for = journal_of(manifests, service).paid_for()
    return {
        job.name: _Taken(
            {run.tags.get(TOKEN_TAG) for run in service.jobs.runs_named(*job.names)}, job, paid_for
        )
        for job in manifests.jobs
        if job.name in names
    }


@dataclass(frozen=True, slots=True)
class _Taken:
    """The tokens of the runs that are there, and of those that the journal knows to have been paid for."""

    seen: set[str | None]
    job: Job
    paid_for: Mapping[str, object]

    def __contains__(self, token: object) -> bool:
        asking = replace(self.job, rules=replace(self.job.rules, token=str(token)))
        return token in self.seen or work_id(asking) in self.paid_for


def reruns(
    manifests: Manifests, names: Sequence[str], *, taken: Mapping[str, Container[str]], today: date | None
) -> Reruns:
    """The new tokens, and the files with them; nothing is written, and nothing but the tokens differs.

    Raises DlcapplyError, with the line to write by hand, where a token can't be put into the text.
    """
    wanted = [job for job in manifests.jobs if job.name in names]
    tokens = [
        _token(job, manifests, next_token(job.rules.token, taken=taken.get(job.name, ()), today=today))
        for job in wanted
    ]
    before = {token.file: _content(token.file) for token in tokens}
    after = dict(before)
    # From the last manifest of a file to its first: what is written moves only what stands behind it.
    for job, token in sorted(zip(wanted, tokens, strict=True), key=_place, reverse=True):
        after[token.file] = _edited(after[token.file], job, token)
    files = tuple(EditedFile(name, before[name], after[name]) for name in before)
    return Reruns(tuple(tokens), files, _checked(manifests, tokens, after))


def _place(pair: tuple[Job, NewToken]) -> tuple[str, int, int]:
    place = pair[0].place
    return (place.file, place.line, place.column) if place else ("", 0, 0)


def _token(job: Job, manifests: Manifests, token: str) -> NewToken:
    file = job.place.file if job.place else ""
    if not file or is_stream(file) or file == STDIN:
        raise _by_hand(job.name, file or "its manifest", token, "it is in no file that can be edited")
    inherited = _inherited(manifests.loaded.composed, job.name)
    if inherited and OPENING in inherited.text:
        why = f"run.token comes from a variable, at {inherited.place}"
        raise _by_hand(job.name, file, token, why)
    if os.path.realpath(file) in manifests.loaded.inherited:
        why = "other manifests extend this file, and would run again too"
        hint = f'move what they have in common into a parent without metadata.name; "{token}" is free'
        raise DlcapplyError(_left(job.name, file, why), hint=hint)
    return NewToken(job.name, file, job.rules.token, token, str(inherited.place) if inherited else "")


def _inherited(composed: Iterable[Composed], name: str) -> Node | None:
    """The token of the job that does not stand in its own manifest; None where that one, or none, does."""
    for one in composed:
        token = get(one.document, "run", "token") if one.name == name else None
        if token is not None and token.place.file != one.sources.file:
            return token
    return None


def _content(file: str) -> bytes:
    try:
        return read_bytes(file)
    except OSError as error:
        raise DlcapplyError(f"{file} can't be read: {reason(error)}") from error


def _edited(data: bytes, job: Job, token: NewToken) -> bytes:
    try:
        return with_token(data, job.place or Place(token.file), token.after)
    except UneditableError as error:
        raise _by_hand(job.name, token.file, token.after, error.why) from error


def _by_hand(name: str, file: str, token: str, why: str) -> DlcapplyError:
    hint = f'write run.token "{token}" into {file} yourself: there it counts for {name} alone'
    return DlcapplyError(_left(name, file, why), hint=hint)


def _left(name: str, file: str, why: str) -> str:
    return f"{name}: the token in {file} is left as it is: {why}"


def _checked(manifests: Manifests, tokens: Sequence[NewToken], contents: Mapping[str, bytes]) -> Manifests:
    """The manifests with the new contents; raises DlcapplyError unless the tokens are all that differs."""
    loaded = judged_with(manifests.target, manifests.environ, contents)
    asked = {token.name: token.after for token in tokens}
    wanted = {job.name: _asking(job, asked.get(job.name, job.rules.token)) for job in manifests.jobs}
    found = {job.name: replace(job, place=None) for job in loaded.jobs}
    if found != wanted or len(loaded.findings) != len(manifests.loaded.findings):
        raise DlcapplyError(
            "nothing was written: with the new token, more than the token would differ",
            hint="write run.token into the manifest yourself, and look at it with dlcapply plan",
        )
    return replace(manifests, loaded=loaded)


def _asking(job: Job, token: str) -> Job:
    return replace(job, place=None, rules=replace(job.rules, token=token))


def write_tokens(asked: Reruns) -> None:
    """The files have the new tokens; raises DlcapplyError where one has changed since, or is read-only.

    A file is written whole or not at all; those before one that fails keep their new tokens.
    """
    for file in asked.files:
        if _content(file.name) != file.before:
            raise DlcapplyError(f"{file.name} changed while the token was chosen", hint="run rerun again")
        if is_read_only(file.name):
            raise DlcapplyError(f"{file.name} is read-only, and left as it is", hint="make it writable first")
    written: list[str] = []
    for file in asked.files:
        try:
            write_whole(file.name, file.after.decode())
        except DlcapplyError as error:
            if written:
                error.hint = f"there is a new run.token already in {', '.join(written)}"
            raise
        written.append(file.name)


def plan_of(asked: Reruns, service: Service) -> Plan:
    """What an apply of the manifests would do now for these jobs; nothing is written."""
    chosen = asked.manifests.of_jobs({token.name for token in asked.tokens})
    return plan_live(chosen, service, PlanOptions()).plan


def environments_of(asked: Reruns) -> tuple[str, ...]:
    """Those of the project: a token counts in each that the manifest is applied to."""
    project = asked.manifests.loaded.project
    return tuple(sorted(project.environments)) if project else ()
