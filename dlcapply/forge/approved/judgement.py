"""Whether a merged pull request's plan is believed: each function has one reason against it, or none.

Whoever may push a branch can run any workflow on it, with a token that writes check runs and artefacts. What
counts is what such a person can't bring about: a run of the review workflow as the default branch has it. The
check run ties the plan to the commit against edits and mistakes; it is no proof by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.forge.checks import APPROVING, external_id, ours
from dlcapply.forge.surroundings import MERGE_GROUP, PULL_REQUEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from dlcapply.forge.values import Artifact, CheckRun, PullRequest, Repository, WorkflowRun

# https://docs.github.com/rest/pulls/pulls#list-pull-requests-files lists no more
MOST_FILES = 3_000
_GUARDED = ".github"
_SKIPPED = "skipped"
_OTHER_BASE = frozenset({"base_ref_changed", "automatic_base_change_succeeded"})


def against_pull(pull: PullRequest, repository: Repository, branch: str) -> str:
    """What is wrong with it at first sight."""
    if pull.base != branch:
        return f"it was merged into {pull.base}, and not into {branch}"
    if pull.head_repository != repository.id:
        return "its branch is in a fork, whose runs have no say"
    return ""


def reviews_of(
    pull: PullRequest, runs: Iterable[WorkflowRun], repository: Repository, workflow: str, *, branch: str
) -> list[WorkflowRun]:
    """The runs of the review workflow for what was merged, the newest first; one that did nothing is none."""
    found = [
        run
        for run in runs
        if _file_of(run, branch) == workflow
        and run.conclusion != _SKIPPED
        and run.head_repository == repository.id
        and _is_in_time(pull, run)
        and (_is_of_the_head(pull, run) or _is_of_the_queue(pull, run, branch))
    ]
    return sorted(found, key=lambda run: run.number, reverse=True)


def _file_of(run: WorkflowRun, branch: str) -> str:
    """The file of its workflow. GitHub documents FILE@REF; where it says so, the ref is to be the base's."""
    file, at, ref = run.path.partition("@")
    return file if not at or ref.removeprefix("refs/heads/") == branch else run.path


def _is_of_the_head(pull: PullRequest, run: WorkflowRun) -> bool:
    return (run.event, run.head_commit, run.head_branch) == (PULL_REQUEST, pull.head_commit, pull.head_branch)


def _is_of_the_queue(pull: PullRequest, run: WorkflowRun, branch: str) -> bool:
    """Whether it is of the merge group that became the merge; nobody but GitHub makes such branches."""
    is_of_the_queue = run.head_branch.startswith(f"gh-readonly-queue/{branch}/pr-{pull.number}-")
    return is_of_the_queue and (run.event, run.head_commit) == (MERGE_GROUP, pull.merge_commit)


def _is_in_time(pull: PullRequest, run: WorkflowRun) -> bool:
    """Whether it began while this was open: what other pull requests of the branch did is not its own."""
    return pull.merged is not None and pull.created <= run.created <= pull.merged


def newest_of(artifacts: Iterable[Artifact]) -> Artifact | None:
    """What was left last: attempts of one run may leave several."""
    return max(artifacts, key=lambda one: one.id, default=None)


def against_run(artifact: Artifact, reviews: Sequence[WorkflowRun], workflow: str) -> str:
    """The newest review decides, also where it left nothing: what it would have said is not known."""
    if not reviews:
        return f"no run of {workflow} for what was merged left a plan"
    if artifact.run == reviews[0].id:
        return ""
    if any(run.id == artifact.run for run in reviews):
        return f"its newest review (run {reviews[0].number}) left no plan"
    return f"its plan is of another run than {workflow} for what was merged"


def against_artifact(pull: PullRequest, artifact: Artifact, largest: int) -> str:
    if artifact.created is None:
        return "GitHub does not say when its plan was made"
    if pull.merged is None or artifact.created > pull.merged:
        return "its plan was made after the merge: nobody has reviewed it"
    if artifact.size > largest:
        return f"its artefact has more than {largest >> 20} MiB"
    return ""


def against_checks(
    checks: Iterable[CheckRun], name: str, plan_hash: str, merged: datetime | None = None
) -> str:
    """The newest check of the name decides, whatever was said before, but for what was said after the merge.

    What a review says that is run again after the merge is about what others have merged since.
    """
    known = ours(checks, name)
    if not known:
        return f"there is no check run {name} of a workflow on its commit"
    in_time = [one for one in known if merged is None or one.said is None or one.said <= merged]
    newest = (in_time or known)[-1]
    if not newest.is_completed or newest.conclusion not in APPROVING:
        return f"the check {name} is {newest.conclusion or 'not completed'}"
    if newest.external_id != external_id(plan_hash):
        return f"the newest check {name} is of another plan: a review was run again, or it was edited"
    return ""


def against_paths(pull: PullRequest, paths: Iterable[tuple[str, ...]]) -> str:
    """Whether it may have brought another review workflow; of its files, GitHub lists 3,000 at most."""
    count = 0
    for names in paths:
        count += 1
        if guarded := next(filter(is_guarded, names), None):
            return f"it touches {guarded}"
        if count >= MOST_FILES:
            return f"it touches {MOST_FILES:,} files or more, and GitHub does not list them all"
    if count != pull.files:
        return f"GitHub lists {count:,} of its {pull.files or 0:,} files"
    return ""


def is_guarded(path: str) -> bool:
    """Whether it is where workflows and their actions live, in any spelling that a disk confuses."""
    return path.replace("\\", "/").lstrip("/").split("/")[0].lower() == _GUARDED


def against_happenings(happenings: Iterable[str]) -> str:
    if any(one in _OTHER_BASE for one in happenings):
        return "its base branch was changed: a run may be of another base's workflow"
    return ""


def against_siblings(pull: PullRequest, siblings: Iterable[PullRequest]) -> str:
    """Another pull request of the branch, open at the same time, runs its base's workflow on its commits."""
    for other in siblings:
        if other.number != pull.number and _overlap(pull, other):
            who = f"pull request {other.number} was open for the same branch"
            return f"{who}: a run may be of its base's workflow"
    return ""


def against_twins(pull: PullRequest, others: Iterable[PullRequest]) -> str:
    """Whoever merges a commit merges all open pull requests of it, also those that nobody looked at.

    https://docs.github.com/pull-requests/collaborating-with-pull-requests/incorporating-changes-from-a-pull-request/about-pull-request-merges#indirect-merges
    """
    for other in others:
        is_twin = other.number != pull.number and other.head_commit == pull.head_commit
        if is_twin and other.merged is not None and _are_at_once(pull, other):
            return f"pull request {other.number} was merged with the same commit: only one of them was meant"
    return ""


def _overlap(pull: PullRequest, other: PullRequest) -> bool:
    is_same_head = (other.head_branch, other.head_repository) == (pull.head_branch, pull.head_repository)
    return is_same_head and _are_at_once(pull, other)


def _are_at_once(pull: PullRequest, other: PullRequest) -> bool:
    """Whether they were open at the same time."""
    ended_before = other.closed is not None and other.closed < pull.created
    began_after = pull.merged is not None and other.created > pull.merged
    return not (ended_before or began_after)
