from __future__ import annotations

import pytest

from dlcapply.model.jobs import LONGEST_TAG
from dlcapply.repository.provenance import provenance
from tests.repository.conftest import a_repository, commit, git

SHA = "2bfb63d779e3648c91950f82d374a25784cdabaf"
GITHUB = {
    "GITHUB_SHA": SHA,
    "GITHUB_ACTOR": "alice",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "vision/jobs",
    "GITHUB_RUN_ID": "42",
}
GITLAB = {
    "CI_COMMIT_SHA": SHA,
    "GITLAB_USER_LOGIN": "bob",
    "CI_JOB_URL": "https://gitlab.example.com/v/jobs/-/jobs/7",
}
YUNXIAO = {"CI_COMMIT_SHA": SHA, "BUILD_EXECUTOR": "carol", "PIPELINE_ID": "2948323", "BUILD_NUMBER": "5"}


@pytest.mark.parametrize(
    ("variables", "mark"),
    [
        (GITHUB, f"{SHA} alice github.com/vision/jobs/actions/runs/42"),
        (GITHUB | {"GITHUB_TRIGGERING_ACTOR": "dave"}, f"{SHA} dave github.com/vision/jobs/actions/runs/42"),
        (GITLAB, f"{SHA} bob gitlab.example.com/v/jobs/-/jobs/7"),
        (YUNXIAO, f"{SHA} carol flow.aliyun.com/pipelines/2948323/builds/5"),
        ({"CI_COMMIT_SHA": SHA}, SHA),
        ({"GITHUB_SHA": "no commit\n::error::", "CI_COMMIT_SHA": SHA}, SHA),
        ({"BUILD_NUMBER": "5", "CI_JOB_URL": ""}, ""),
        (YUNXIAO | {"BUILD_EXECUTOR": "张三"}, f"{SHA} flow.aliyun.com/pipelines/2948323/builds/5"),
        (
            GITHUB | {"GITHUB_ACTOR": "dependabot[bot]"},
            f"{SHA} dependabot-bot github.com/vision/jobs/actions/runs/42",
        ),
        ({}, ""),
    ],
)
def test_each_ci_system_names_commit_actor_and_run(tmp_path, variables, mark):
    assert provenance(tmp_path, variables) == mark


def test_without_a_ci_system_git_says_it(tmp_path, environ):
    root = a_repository(tmp_path / "clone")
    head = commit(root, "a.yaml", "a: 1\n")
    assert provenance(root, environ) == head
    git(root, "config", "user.name", "Alice B.")
    assert provenance(root, environ) == f"{head} Alice-B."
    (root / "a.yaml").write_text("a: 2\n")
    assert provenance(root, environ) == f"{head}-dirty Alice-B."


def test_the_commit_is_the_one_that_is_checked_out_whatever_the_event_was_about(tmp_path, environ):
    root = a_repository(tmp_path / "clone")
    head = commit(root, "a.yaml", "a: 1\n")
    assert provenance(root, environ | GITHUB).split()[:2] == [head, "alice"]
    (root / "a.yaml").write_text("a: 2\n")
    assert provenance(root, environ | GITHUB).split()[0] == f"{head}-dirty"


def test_what_can_not_be_known_stops_nothing(tmp_path, environ):
    root = a_repository(tmp_path / "clone")
    assert provenance(root, environ | {"PATH": str(tmp_path)}) == ""
    assert provenance(root, environ | {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}) == ""


@pytest.mark.parametrize(
    ("variables", "mark"),
    [
        ({"GITHUB_REPOSITORY": "v/" + "j" * 30}, f"{SHA} alice github.com/v/{'j' * 30}/actions/runs/42"),
        ({"GITHUB_REPOSITORY": "v/" + "j" * 60}, f"{SHA[:12]} alice github.com/v/{'j' * 60}/actions/runs/42"),
        (
            {"GITHUB_REPOSITORY": "v/" + "j" * 60, "GITHUB_ACTOR": "a" * 39},
            f"{SHA[:12]} {'a' * 24} github.com/v/{'j' * 60}/actions/runs/42",
        ),
        ({"GITHUB_REPOSITORY": "v/" + "j" * 100}, f"{SHA[:12]} alice"),
    ],
)
def test_what_is_too_long_for_a_tag_is_shortened(tmp_path, variables, mark):
    assert provenance(tmp_path, GITHUB | variables) == mark
    assert len(mark) <= LONGEST_TAG
