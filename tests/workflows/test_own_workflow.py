"""The workflow by which this repository uses its own action on its own manifests."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.workflows.installed import ROOT
from tests.workflows.rig import Repository, copy_of_ours


@pytest.fixture
def repository(tmp_path):
    """A repository like this one, of a change of its manifests."""
    folder = tmp_path / "repository"
    made = Repository(folder, {"note": ""})
    copy_of_ours(folder)
    shutil.copytree(
        ROOT / "manifests",
        folder / "manifests",
        dirs_exist_ok=True,
        ignore=shutil.ignore_patterns(".dlcapply"),
    )
    (folder / "manifests/jobs/base.yaml").unlink()
    made.commit({})
    return made


def test_its_manifests_are_applied_to_the_emulator_and_leave_nothing_to_do(runner, repository, tmp_path):
    (tmp_path / "event.json").write_text(json.dumps({"ref": "refs/heads/main"}), encoding="utf-8")
    environ = {"GITHUB_REPOSITORY": "OWNER/dlcapply", "GITHUB_REF": "refs/heads/main"}
    run = runner.run(
        ROOT / ".github/workflows/manifests.yml",
        "push",
        tmp_path / "event.json",
        environ | {"SHA_REF": repository.head},
        repository=repository.folder,
    )
    assert run.job("manifests") == "success", str(run)
    assert "10 created" in run.log("manifests")
