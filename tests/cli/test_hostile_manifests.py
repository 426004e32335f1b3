"""Manifests full of what Markdown, HTML, GitHub, a runner or a terminal would obey: reports show text."""

from __future__ import annotations

import json
import re

import pytest

from dlcapply.one_line import printable
from tests.cli.conftest import JOB
from tests.rendering.html.test_page import judged as judged_page
from tests.rendering.markdown.hostile import FRAGMENTS
from tests.rendering.markdown.judge import judged
from tests.runners import commands_in

HOSTILE = "\n".join(FRAGMENTS).replace("\ud800", "").replace("\x00", "")
NASTY = "<img src=x onerror=alert(1)> @octocat #1 ::error::x ##[error]x `|` \u202e\x1b[31m www.evil.example"
ANNOTATION = re.compile(r"::(warning|error|notice) (file=[^,:]+,line=\d+,col=\d+,)?title=[a-z-]+::[^\r\n]+$")


@pytest.fixture
def hostile(project):
    """Jobs that run, and whose commands, values, files and mistakes are hostile: 200 kB of them."""
    for turn in ("old", "new"):
        for number in range(4):
            write_manifest(project, number, turn)
        if turn == "old":
            assert project.run("apply", "--yes").code == 0
    return project


def write_manifest(project, number, turn):
    command = "\n".join(f"{line}{turn}" for line in HOSTILE.split("\n") * 30)
    values = {
        "name: NAME": f"name: job-{number}",
        "python train.py": json.dumps(command),
        '"1e-4"': json.dumps(NASTY + turn),
        "train:1": "train:latest",
    }
    text = JOB
    for old, new in values.items():
        text = text.replace(old, new)
    project.write(f"jobs/`a`|@octocat #1 <b> {number}::x.yaml", text)


@pytest.mark.sweep
def test_comment_summary_page_and_annotations_show_text_and_are_the_same_on_a_runner(hostile):
    wanted = ("-o", "markdown", "-o", "html=page.html", "-o", "github=annotations")
    elsewhere = hostile.run("plan", *wanted)
    page, annotations = reports(hostile)
    hostile.environ = {"GITHUB_ACTIONS": "true"}
    on_a_runner = hostile.run("plan", *wanted, "--markdown-size", "summary")

    for text in (elsewhere.out, on_a_runner.out, page):
        assert commands_in(text) == []
    assert reports(hostile) == [page, annotations]
    for comment in (judged(elsewhere.out), judged(on_a_runner.out)):
        assert "4 blocked" in comment.text_in("p")
        assert printable(f"+ {NASTY}new") in comment.text_in("pre")
    assert len(elsewhere.out) < 64_512 < len(on_a_runner.out)
    said = judged_page(page).said
    assert printable(f"+ {NASTY}new") in said
    assert said.count("<script>alert(1)</script>") > 100
    rows = annotations.splitlines()
    assert all(map(ANNOTATION.match, rows))
    assert len(commands_in(annotations)) == len(rows) >= 8


def reports(project):
    return [(project.folder / name).read_text("utf-8") for name in ("page.html", "annotations")]


def test_findings_show_text(project):
    project.job("a", "JobType: PyTorchJob", f"JobType: {json.dumps(NASTY)}")
    project.write("jobs/b.yaml", f"{json.dumps(HOSTILE)}: 1\n")
    found = project.run("validate", "-o", "markdown").out
    assert "**error**" in found
    failed = project.run("plan", "-o", "markdown").out
    assert failed.startswith("### dlcapply failed")
    for text in (found, failed):
        judged(text)
        assert commands_in(text) == []
