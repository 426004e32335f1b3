"""The parts that need no GitHub: marks, pauses, what a review is, and lists that move while they are read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.forge.approved.judgement import against_checks, against_siblings, is_guarded, reviews_of
from dlcapply.forge.approved.search import Question, merged_plans
from dlcapply.forge.checks import external_id
from dlcapply.forge.github.pauses import LONGEST, limited_for, pause_after
from dlcapply.forge.markers import Marker, Subject, marked, marker_of
from dlcapply.forge.values import CheckRun, PullRequest, Repository, WorkflowRun

BEGIN = datetime(2026, 11, 23, tzinfo=UTC)
REPOSITORY = Repository(1, "team/jobs", "main")
PULL = PullRequest(
    number=7,
    head_branch="topic",
    head_commit="a" * 40,
    head_repository=1,
    base="main",
    created=BEGIN,
    updated=BEGIN + timedelta(hours=2),
    closed=BEGIN + timedelta(hours=2),
    merged=BEGIN + timedelta(hours=2),
    merge_commit="b" * 40,
)
WORKFLOW = ".github/workflows/review.yml"
RUN = WorkflowRun(1, 1, "pull_request", WORKFLOW, "a" * 40, "topic", 1, BEGIN + timedelta(hours=1))
QUEUED = replace(
    RUN,
    event="merge_group",
    head_commit="b" * 40,
    head_branch="gh-readonly-queue/main/pr-7-abc",
    id=2,
    number=2,
)


@given(
    owner=st.text(),
    origin=st.text(),
    run=st.tuples(st.integers(0, 10**18 - 1), st.integers(0, 10**18 - 1)),
    commit=st.text("0123456789abcdef", max_size=64),
    body=st.text(),
)
def test_a_mark_is_read_as_it_was_written_and_ends_where_it_should(owner, origin, run, commit, body):
    try:
        (owner + origin).encode()
    except UnicodeEncodeError:
        return
    marker = Marker(Subject("plan", owner, origin), run, commit)
    text = marked(body, marker)
    assert marker_of(text) == marker
    first, _, rest = text.partition("\n")
    assert (first.count("-->"), first[4:-3].count("--"), rest) == (1, 0, body)


@given(body=st.text())
def test_no_other_text_is_a_mark(body):
    assert marker_of(f"x{marked(body, Marker(Subject('plan', 'a', 'b'), (1, 1), ''))}") is None
    assert body.startswith("<!-- dlcapply-") or marker_of(body) is None


@given(
    status=st.sampled_from([0, 200, 403, 404, 422, 429, 500, 502, 503]),
    headers=st.dictionaries(
        st.sampled_from(["retry-after", "x-ratelimit-remaining", "x-ratelimit-reset"]),
        st.text(max_size=12) | st.integers(-10, 10**13).map(str) | st.just("0"),
    ),
    message=st.sampled_from(["", "You have exceeded a secondary rate limit", "Not Found"]),
    verb=st.sampled_from(["GET", "POST", "PATCH", "DELETE"]),
    sent=st.integers(1, 5),
)
def test_no_pause_is_long_and_no_write_is_repeated_that_may_have_been_done(
    status, headers, message, verb, sent
):
    pause = pause_after(status, headers, message, verb=verb, sent=sent, now=1_000.0)
    assert pause is None or (0 <= pause <= LONGEST + 1 and sent < 3)
    if verb != "GET" and status not in {403, 429}:
        assert pause is None


@pytest.mark.parametrize(
    ("status", "headers", "message", "seconds"),
    [
        (403, {"retry-after": "7"}, "", 7),
        (403, {"retry-after": "soon"}, "", None),
        (429, {"retry-after": "soon"}, "", 60),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1100"}, "API rate limit exceeded", 101),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "900"}, "API rate limit exceeded", 1),
        (429, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1100"}, "", 101),
        (403, {"x-ratelimit-remaining": "0"}, "API rate limit exceeded", 60),
        (403, {"x-ratelimit-remaining": "0"}, "Resource not accessible by integration", None),
        (403, {"x-ratelimit-reset": "1100"}, "You have exceeded a secondary rate limit.", 60),
    ],
)
def test_how_long_a_limit_holds(status, headers, message, seconds):
    assert limited_for(status, headers, message, now=1_000.0) == seconds


@pytest.mark.parametrize("ref", ["", "@main", "@refs/heads/main"])
@pytest.mark.parametrize("run", [RUN, QUEUED])
def test_what_is_a_review(run, ref):
    """The documentation of the REST API has the ref in the path; in practice it is left out."""
    run = replace(run, path=f"{WORKFLOW}{ref}")
    assert reviews_of(PULL, [run], REPOSITORY, WORKFLOW, branch="main") == [run]


def test_the_newest_review_comes_first():
    runs = [RUN, replace(RUN, id=9, number=9), QUEUED]
    assert [run.number for run in reviews_of(PULL, runs, REPOSITORY, WORKFLOW, branch="main")] == [9, 2, 1]


@pytest.mark.parametrize("run", [RUN, QUEUED])
@pytest.mark.parametrize(
    "change",
    [
        {"event": "push"},
        {"event": "pull_request_target"},
        {"path": ".github/workflows/other.yml"},
        {"path": f"{WORKFLOW}@refs/heads/evil"},
        {"path": f"{WORKFLOW}@"},
        {"path": f"{WORKFLOW}@refs/pull/7/main"},
        {"path": f"{WORKFLOW}@main@evil"},
        {"head_commit": "c" * 40},
        {"head_branch": "other"},
        {"head_repository": 2},
        {"head_repository": None},
        {"created": BEGIN - timedelta(seconds=1)},
        {"created": BEGIN + timedelta(hours=2, seconds=1)},
        {"conclusion": "skipped"},
    ],
)
def test_what_is_none(run, change):
    """Each of the facts alone, whatever the others say."""
    assert reviews_of(PULL, [replace(run, **change)], REPOSITORY, WORKFLOW, branch="main") == []


def test_only_checks_of_exactly_the_name_count():
    """Whatever a forge lists."""
    said = CheckRun(1, "dlcapply v/prod", "github-actions", True, "success", external_id("0" * 64))
    newer = replace(said, id=2, name="dlcapply v/prod2", conclusion="failure")
    assert against_checks([newer, said], "dlcapply v/prod", "0" * 64) == ""
    assert "no check run" in against_checks([newer], "dlcapply v/prod", "0" * 64)


@given(
    path=st.lists(
        st.sampled_from([".github", ".GITHUB", "github", "workflows", "a.yml", ""]), min_size=1, max_size=4
    )
)
def test_what_lies_where_workflows_do(path):
    first = "/".join(path).lstrip("/").split("/")[0]
    assert is_guarded("/".join(path)) == (first.lower() == ".github")


@given(
    opened=st.integers(-5, 5),
    closed=st.none() | st.integers(-5, 8),
    branch=st.sampled_from(["topic", "other"]),
)
def test_who_was_open_at_the_same_time(opened, closed, branch):
    other = replace(
        PULL,
        number=8,
        head_branch=branch,
        created=BEGIN + timedelta(hours=opened),
        closed=None if closed is None else BEGIN + timedelta(hours=max(closed, opened)),
    )
    apart = branch != "topic" or opened > 2 or (closed is not None and max(closed, opened) < 0)
    assert (against_siblings(PULL, [PULL, other]) == "") == apart


class Shifting:
    """A list of pull requests in which one is touched, and so moves to the front, while it is read."""

    def __init__(self, *readings):
        self._readings = list(readings)

    def repository(self):
        return REPOSITORY

    def artifacts(self, _name):
        return iter(())

    def pull_requests(self):
        return iter(self._readings.pop(0))


def test_one_that_moves_to_the_front_meanwhile_is_not_missed():
    first, second, third = (
        replace(PULL, number=number, updated=BEGIN + timedelta(hours=5 - number)) for number in (1, 2, 3)
    )
    touched = replace(third, updated=BEGIN + timedelta(hours=9))
    forge = Shifting([first, second], [touched, first, second])
    question = Question(
        artifact="a",
        check="c",
        workflow=WORKFLOW,
        branch="",
        since=BEGIN,
        now=BEGIN,
        read=lambda _: None,
        mismatch=lambda _: "",
        is_needed=lambda _: True,
    )
    assert [one.pull.number for one in merged_plans(forge, question)] == [1, 2, 3]
