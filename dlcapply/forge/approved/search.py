"""Merged pull requests, the last ones first, each with what became of its plan."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from dlcapply.errors import DlcapplyError
from dlcapply.forge.approved.archive import LARGEST_ARCHIVE, RefusedArchiveError, plan_in
from dlcapply.forge.approved.judgement import (
    against_artifact,
    against_checks,
    against_happenings,
    against_paths,
    against_pull,
    against_run,
    against_siblings,
    against_twins,
    newest_of,
    reviews_of,
)
from dlcapply.forge.approved.listing import Listing
from dlcapply.forge.service import TOO_MUCH, ForgeError
from dlcapply.model.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from dlcapply.forge.service import Reviewing
    from dlcapply.forge.values import Artifact, PullRequest, Repository, WorkflowRun
    from dlcapply.planning.restored_plans import SavedPlan


@dataclass(frozen=True, slots=True)
class Found:
    """A saved plan, with the hash over its file."""

    saved: SavedPlan
    hash: str
    text: bytes


@dataclass(frozen=True, slots=True)
class Judged:
    """A merged pull request; `found` is the plan that is taken, None where none is."""

    pull: PullRequest
    verdict: Verdict
    why: str
    found: Found | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for: plans of `artifact`, made by `workflow`, of what was merged into `branch` since.

    An empty branch is the default one. `read` finds the plan in a text, or raises DlcapplyError; `mismatch`
    says for where else it is; `is_needed` whether anything of it is still to come.
    """

    artifact: str
    check: str
    workflow: str
    branch: str
    since: datetime
    now: datetime
    read: Callable[[bytes], Found]
    mismatch: Callable[[SavedPlan], str]
    is_needed: Callable[[SavedPlan], bool]


class _Stopped(Exception):  # noqa: N818  not an error: how a judgement ends early
    def __init__(self, verdict: Verdict, why: str) -> None:
        super().__init__(why)
        self.verdict = verdict
        self.why = why


@dataclass(frozen=True, slots=True)
class _Case:
    """A merged pull request, with what runs for its commits left behind, and the list that it is from."""

    pull: PullRequest
    artifacts: tuple[Artifact, ...]
    repository: Repository
    branch: str
    listing: Listing


def merged_plans(forge: Reviewing, question: Question) -> Iterator[Judged]:
    """Every pull request merged in time, judged when it is asked for; raises ForgeError for no usable answer.

    One that was merged elsewhere is passed over, unless it left a plan.
    """
    repository = forge.repository()
    branch = question.branch or repository.default_branch
    left = _by_commit(forge.artifacts(question.artifact))
    listing = Listing(forge, question.since)
    for pull in listing.merged():
        artifacts = (*left.get(pull.merge_commit, ()), *left.get(pull.head_commit, ()))
        if pull.base == branch or artifacts:
            yield _judged(forge, question, _Case(pull, artifacts, repository, branch, listing))


def _by_commit(artifacts: Iterator[Artifact]) -> Mapping[str, Sequence[Artifact]]:
    found: defaultdict[str, list[Artifact]] = defaultdict(list)
    for one in artifacts:
        found[one.head_commit].append(one)
    return found


def _judged(forge: Reviewing, question: Question, case: _Case) -> Judged:
    try:
        found, run = _believed(forge, question, case)
    except _Stopped as stopped:
        return Judged(case.pull, stopped.verdict, stopped.why)
    except ForgeError as error:
        if error.status != TOO_MUCH:
            raise
        return Judged(case.pull, Verdict.REFUSED, error.message)  # of this one, and not of all
    return Judged(case.pull, Verdict.TAKEN, f"run {run.number}", found)


def _believed(forge: Reviewing, question: Question, case: _Case) -> tuple[Found, WorkflowRun]:
    """The plan and its review, once nothing speaks against them; what tells most is asked first."""
    pull = case.pull
    reviews = cache(lambda: _reviews(forge, question, case))
    _refuse(against_pull(pull, case.repository, case.branch))
    artifact = _artifact(question, case, reviews)
    _refuse(against_artifact(pull, artifact, LARGEST_ARCHIVE))
    found = _plan(question, _text(forge, artifact))
    _refuse(against_run(artifact, reviews(), question.workflow))
    checks = forge.checks(artifact.head_commit, question.check)
    _refuse(against_checks(checks, question.check, found.hash, pull.merged))
    _refuse(against_paths(forge.pull_request(pull.number), forge.touched_paths(pull.number)))
    _refuse(against_happenings(forge.happenings(pull.number)))
    _refuse(against_siblings(pull, forge.pull_requests_of(pull.head_branch)))
    _refuse(against_twins(pull, case.listing.touched_since(pull.merged or question.since)))
    return found, reviews()[0]


def _refuse(why: str) -> None:
    if why:
        raise _Stopped(Verdict.REFUSED, why)


def _reviews(forge: Reviewing, question: Question, case: _Case) -> list[WorkflowRun]:
    file = PurePosixPath(question.workflow).name
    commits = dict.fromkeys((case.pull.head_commit, *(one.head_commit for one in case.artifacts)))
    runs = [run for commit in commits for run in forge.runs(file, commit)]
    return reviews_of(case.pull, runs, case.repository, question.workflow, branch=case.branch)


def _artifact(question: Question, case: _Case, reviews: Callable[[], list[WorkflowRun]]) -> Artifact:
    """What is looked at; which run counts is only asked where several left something."""
    candidates = list(case.artifacts)
    if len({one.run for one in candidates}) > 1:
        newest = reviews()[0].id if reviews() else None
        candidates = [one for one in candidates if one.run == newest]
        if not candidates:
            _refuse(against_run(case.artifacts[0], reviews(), question.workflow))
    artifact = newest_of(candidates)
    if artifact is None:
        raise _Stopped(Verdict.MISSING, f"no artefact {question.artifact} of a run for what was merged")
    if artifact.is_expired:
        raise _Stopped(Verdict.EXPIRED, "its artefact has expired")
    return artifact


def _text(forge: Reviewing, artifact: Artifact) -> bytes:
    try:
        return plan_in(forge.archive(artifact), artifact)
    except RefusedArchiveError as error:
        raise _Stopped(Verdict.REFUSED, str(error)) from error
    except ForgeError as error:
        if error.status == HTTPStatus.GONE:
            raise _Stopped(Verdict.EXPIRED, "its artefact has expired") from error
        if error.status == HTTPStatus.NOT_FOUND:
            raise _Stopped(Verdict.MISSING, "its artefact was deleted") from error
        raise


def _plan(question: Question, text: bytes) -> Found:
    try:
        found = question.read(text)
    except DlcapplyError as error:
        raise _Stopped(Verdict.REFUSED, error.message) from error
    if question.now >= found.saved.expires:
        raise _Stopped(Verdict.EXPIRED, f"its plan expired at {found.saved.expires:%Y-%m-%d %H:%M} UTC")
    _refuse(question.mismatch(found.saved))
    if not question.is_needed(found.saved):
        raise _Stopped(Verdict.NOT_NEEDED, "nothing of its plan is still to come")
    return found
