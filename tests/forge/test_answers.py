"""Answers as GitHub's documentation allows them: what may be null, missing, or said in another way."""

from __future__ import annotations

import json

import pytest

from dlcapply.forge.github.answers import may_be_of_the_repository, pull_request_of
from dlcapply.forge.github.failures import refused
from dlcapply.forge.github.repository import until_expired
from tests.forge.conftest import BEGIN
from tests.forge.test_approved import refused as is_refused
from tests.forge.test_approved import taken


def listed(reviews, *changes):
    """GitHub's next list of artefacts is its own with each of these changes of the first one."""
    (known,) = reviews.github.state["artifacts"].values()
    shown = reviews.github._shown_artifact(known)
    body = {"total_count": len(changes), "artifacts": [shown | change for change in changes]}
    reviews.github.fault(path="/actions/artifacts$", status=200, body=json.dumps(body))


@pytest.mark.parametrize("run", [None, {}, {"id": None, "head_sha": None}, {"id": 1}])
def test_an_artefact_whose_run_is_not_told_is_nobody_else_s_trouble(reviews, run):
    number = reviews.merged()
    listed(reviews, {"id": 99, "workflow_run": run}, {})
    assert taken(reviews, number)


def test_an_artefact_that_does_not_tell_of_repositories(reviews):
    """The run does."""
    number = reviews.merged()
    (run,) = reviews.github.state["runs"].values()
    listed(reviews, {"workflow_run": {"id": run["id"], "head_sha": run["head_sha"]}})
    assert taken(reviews, number)


@pytest.mark.parametrize(("head", "base"), [(1, 2), (None, 2), (None, None), (2, None), ("2", 2)])
def test_an_artefact_of_another_repository(head, base):
    run = {"id": 1, "head_sha": "a" * 40, "repository_id": base, "head_repository_id": head}
    assert not may_be_of_the_repository({"name": "a", "workflow_run": run})


def test_an_artefact_that_was_made_nobody_knows_when(reviews):
    number = reviews.merged()
    listed(reviews, {"created_at": None})
    assert is_refused(reviews, number, "does not say when")


@pytest.mark.parametrize(
    ("ids", "alive", "read"),
    [
        (range(5_000, 0, -1), 4_000, 2_001),  # down to 4,000 they are alive
        (range(5_000, 0, -1), 1, 5_000),
        (range(1, 5_001), 4_000, 5_000),  # the oldest first: nothing says that those that follow have expired
        ([9, 8, 10, *range(5_000, 0, -1)], 5_001, 5_003),
    ],
)
def test_artefacts_are_listed_until_all_that_follow_have_expired(ids, alive, read):
    """GitHub lists for long what has expired, and who has many reviews has more of these than may be read."""
    listed = ({"id": number, "expired": number < alive} for number in ids)
    assert len(list(until_expired(listed))) == read


def test_a_github_that_lists_artefacts_of_every_name(reviews):
    number = reviews.merged()
    listed(reviews, {}, {"id": 99, "name": "dlcapply-plan-staging"})
    assert taken(reviews, number)


def test_labels_may_be_plain_names(reviews):
    number = reviews.github.open_pull("topic")
    shown = reviews.github._shown_pull(reviews.github.state["pulls"][str(number)])
    assert pull_request_of(shown | {"labels": ["bug", {"name": "a"}]}).labels == ("bug", "a")
    event = reviews.folder / "event.json"
    event.write_text(json.dumps({"pull_request": shown | {"labels": ["allow-stops:3"]}}), "utf-8")
    environ = {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": str(event)}
    assert reviews.run("consents", **environ).out == "--allow-stops=3\n"
    event.write_text(json.dumps({"pull_request": shown | {"labels": ["bug", 3]}}), "utf-8")
    assert "labels can't be read" in reviews.run("consents", **environ).err


@pytest.mark.parametrize(("status", "message"), [(403, "Forbidden"), (404, "Not Found")])
def test_whoever_may_not_ask_who_he_is_writes_as_workflows_do(reviews, status, message):
    number = reviews.github.open_pull("topic")
    run = reviews.github.start_run(number)
    for _ in range(2):
        reviews.github.fault(path="^/user$", status=status, message=message)
        assert reviews.run("comment", reviews.plan(), run=run).code == 0
    assert len(reviews.github.state["comments"]) == 1


@pytest.mark.parametrize(
    ("errors", "words"),
    [
        (["body is too long"], "Validation Failed; body is too long"),
        ([{"resource": "Issue", "field": "title", "code": "missing_field"}], "; title missing_field"),
        ([{"message": "No", "field": "title"}, 3, {}, {"code": 1}], "Validation Failed; No"),
        ("x", "Validation Failed"),
    ],
)
def test_what_github_says_of_fields(errors, words):
    data = {"message": "Validation Failed", "errors": errors}
    assert refused("can't", 422, {}, data, needs="", now=BEGIN).message.endswith(words)
