"""From the pull request to the run: what was reviewed on GitHub is what an apply carries out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.forge.fake_github import FakeGitHub


@pytest.fixture
def reviewed(project):
    """A project of which every plan is reviewed on GitHub."""
    project.configure("}\n# {")
    text = Path("dlcapply.yaml").read_text("utf-8")
    text = text.replace("{name: vision}", "{name: vision, origin: github.com/team/jobs}")
    Path("dlcapply.yaml").write_text(text, "utf-8")
    with FakeGitHub() as github:
        yield Steps(project, github)


class Steps:
    """What the workflows do, step by step."""

    def __init__(self, project, github):
        self.project = project
        self.github = github
        self._token = github.token()

    def step(self, run, *args):
        self.project.environ = self.github.environ(run["id"], self.project.folder, self._token)
        try:
            return self.project.run(*args)
        finally:
            self.project.environ = {}

    def review(self, head, **pull):
        """A pull request with the manifests of now is opened and reviewed; its number."""
        number = self.github.open_pull(head, files=["jobs/x.yaml"], **pull)
        run = self.github.start_run(number)
        consents = self.step(run, "github", "consents").out.split()
        assert self.project.run("plan", *consents, "--out", "p.json", "--expires", "90d").code in {0, 3}
        for command in ("comment", "check"):
            assert self.step(run, "github", command, "p.json").code == 0
        self.github.upload(run["id"], "dlcapply-plan-local", {"p.json": Path("p.json").read_text("utf-8")})
        return number

    def apply(self, *more):
        """As on a push: the plan of now says what to look for, and what was approved is carried out."""
        run = self.github.start_run()
        self.project.run("plan", "--out", "now.json", *more)
        out = f"approvals-{run['id']}"
        fetched = self.step(run, "github", "approved", "-e", "local", "--out", out, "--for", "now.json")
        assert fetched.code == 0, fetched
        return self.project.run("apply", "--yes", "--approved", out, *more), fetched


def test_two_merged_in_one_minute_are_both_applied_and_a_third_is_held_back(reviewed):
    project = reviewed.project
    project.job("a")
    first = reviewed.review("a")
    Path("jobs/a.yaml").unlink()
    project.job("b")
    second = reviewed.review("b")
    project.job("a")
    project.job("c")
    reviewed.github.merge(first)
    reviewed.github.merge(second, method="squash")
    applied, fetched = reviewed.apply()
    assert applied.code == 3
    assert sorted(job["DisplayName"] for job in project.emulator.jobs()) == ["a", "b"]
    assert fetched.out.count("taken") == 2
    again, _ = reviewed.apply()
    assert (again.code, len(project.writes)) == (3, 2)


def test_a_label_consents_to_a_replace_and_the_search_finds_it(reviewed):
    """Without the consent the plan of now has the job blocked: the approval brings the consent."""
    project = reviewed.project
    project.job("a", more="run: {onChange: replace}\n")
    assert project.run("apply", "--yes").code == 0
    project.emulator.turn(5)
    project.job("a", "train.py", "other.py", more="run: {onChange: replace}\n")
    number = reviewed.review("a", labels=["allow-replace:a"])
    held, _ = reviewed.apply()
    assert (held.code, project.writes) == (3, ["CreateJob"])
    reviewed.github.merge(number)
    applied, fetched = reviewed.apply()
    assert applied.code == 0, (applied, fetched)
    assert project.writes == ["CreateJob", "StopJob", "CreateJob"]
    (comment,) = reviewed.github.comments(number)
    assert "`--allow-replace=a`" in comment["body"]


def test_once_all_is_done_nothing_is_asked_of_github(reviewed):
    project = reviewed.project
    project.job("a")
    reviewed.github.merge(reviewed.review("a"))
    reviewed.apply()
    asked = len(reviewed.github.requests)
    again, fetched = reviewed.apply()
    assert (again.code, len(reviewed.github.requests)) == (0, asked)
    assert "All that is to come is approved" in fetched.out


def test_a_plan_of_now_for_elsewhere_is_wrong_usage(reviewed):
    reviewed.project.job("a")
    run = reviewed.github.start_run()
    reviewed.project.run("plan", "-o", "json=now.json")
    document = json.loads(Path("now.json").read_text("utf-8"))
    document["scope"]["owner"] = "vision/other"
    Path("now.json").write_text(json.dumps(document), "utf-8")
    printed = reviewed.step(run, "github", "approved", "-e", "local", "--out", "x", "--for", "now.json")
    assert (printed.code, reviewed.github.requests) == (64, [])
    assert "vision/other" in printed.err
