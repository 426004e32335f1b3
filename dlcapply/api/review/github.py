"""Reviews on GitHub: what is told of a plan there, and by which consents it is made."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from dlcapply.api.review.texts import Told, headline_of, with_foot
from dlcapply.errors import DlcapplyError, UsageError
from dlcapply.forge.checks import (
    LONGEST_SUMMARY,
    LONGEST_TITLE,
    Conclusion,
    check_name,
    conclusion_of,
    external_id,
    run_line,
    write_check,
)
from dlcapply.forge.comments import Written, write_comment
from dlcapply.forge.consents import options_of
from dlcapply.forge.github.api import connect as connect_to
from dlcapply.forge.github.repository import GitHubRepository
from dlcapply.forge.markers import Marker, Subject, marked
from dlcapply.forge.surroundings import PULL_REQUEST, Surroundings, token_of
from dlcapply.forge.values import NewCheck

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dlcapply.forge.values import CheckRun
    from dlcapply.model.calls import CallWatcher
    from dlcapply.model.clock import Clock

_PLAN = "plan"
_NO_PLAN = "dlcapply-no-plan"


def connect(
    around: Surroundings,
    environ: Mapping[str, str],
    *,
    clock: Clock,
    tell: Callable[[str], None],
    watcher: CallWatcher,
) -> GitHubRepository:
    """The repository that the variables name, asked with GITHUB_TOKEN.

    `tell` hears of waits, `watcher` of every request. Raises DlcapplyError where the client library is not
    installed, UsageError without a token.
    """
    token = token_of(environ)
    return GitHubRepository(
        connect_to(
            address=around.address,
            token=token,
            repository=around.repository,
            clock=clock,
            tell=tell,
            watcher=watcher,
        )
    )


def comment_of(told: Told, around: Surroundings) -> str:
    """The comment as it would be sent."""
    return marked(with_foot(told, around), _marker(told, around))


def comment(
    told: Told, around: Surroundings, number: int, repository: GitHubRepository, *, is_named: bool
) -> Written:
    """The pull request has one comment about the owner's plan: this one, or that of a newer run.

    One that somebody has named has it even though it is closed.
    """
    marker, text = _marker(told, around), with_foot(told, around)
    return write_comment(repository, number, marker, text, also_closed=is_named)


def _marker(told: Told, around: Surroundings) -> Marker:
    """Only a run for a pull request's head can be of an older one: what a queue merges comes after it."""
    commit = around.commit if around.event == PULL_REQUEST else ""
    return Marker(Subject(_PLAN, told.owner, told.origin), around.run, commit)


def pull_request_of(around: Surroundings, number: int | None) -> int:
    """The pull request that is meant; raises UsageError where neither the event nor anybody names one."""
    meant = number if number is not None else around.pull_request
    if meant is None:
        raise UsageError(
            f"the event {around.event or 'of this run'} is of no pull request",
            hint="name one: --pull-request N",
        )
    return meant


def check_of(told: Told, around: Surroundings, *, blocked: str, waiting: str) -> NewCheck:
    """The check run as it would be sent; raises UsageError where no commit is named."""
    if not around.commit:
        raise UsageError("no commit is under review: GITHUB_SHA is not set")
    wanted = {"blocked": Conclusion(blocked), "waiting": Conclusion(waiting)}
    conclusion = conclusion_of(told.plan, **wanted) if told.plan else Conclusion.FAILURE
    summary = with_foot(told, around).encode("utf-8", "replace")[:LONGEST_SUMMARY]
    return NewCheck(
        name=check_name(told.owner),
        commit=around.commit,
        external_id=external_id(told.hash) if told.hash else _NO_PLAN,
        conclusion=conclusion,
        title=headline_of(told)[:LONGEST_TITLE],
        summary=summary.decode("utf-8", "ignore"),
        text=run_line(around.run, around.run_link),
        link=around.run_link,
    )


def check(made: NewCheck, around: Surroundings, repository: GitHubRepository) -> CheckRun | None:
    """The commit has the check run; None where a newer run has said its own."""
    return write_check(repository, made, around.run)


def consents(around: Surroundings, repository: Callable[[], GitHubRepository]) -> tuple[str, ...]:
    """The options that the pull request's labels consent to; GitHub is asked where the event has no labels.

    A review that is run again is asked about too: its event tells of the pull request as it was. Raises
    DlcapplyError for a label that is meant as a consent and is none, and for a review after the merge.
    """
    if around.pull_request is None:
        return ()
    is_repeated = around.run_attempt > 1
    if around.labels is not None and not is_repeated:
        return options_of(around.labels)
    with closing(repository()) as asked:
        pull = asked.pull_request(around.pull_request)
    if is_repeated and pull.merged is not None:
        raise DlcapplyError(
            f"pull request {pull.number} is merged: it is not reviewed again",
            hint="the plan that was reviewed stays approved; for another, open a new pull request",
        )
    return options_of(pull.labels if around.labels is None else around.labels)
