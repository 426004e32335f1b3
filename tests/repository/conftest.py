"""Real repositories, made by the git of this machine."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

PERSON = {
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@x",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@x",
}

GIT = shutil.which("git")


def git(folder, *words):
    """What git printed; the settings and files of who runs the tests play no part."""
    done = subprocess.run(
        [GIT, *words], cwd=folder, env=os.environ | PERSON, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def a_repository(folder, remote="https://github.com/Vision/Jobs.git"):
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q", "-b", "main")
    if remote:
        git(folder, "remote", "add", "origin", remote)
    commit(folder, "dlcapply.yaml", "kind: Project\n")
    return folder


def commit(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "change", "--allow-empty")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def environ(tmp_path):
    return dict(os.environ) | {"HOME": str(tmp_path / "home")}
