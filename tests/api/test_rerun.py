"""New tokens in several files, one of which can't be written."""

from __future__ import annotations

import pytest

from dlcapply.api.acting.rerun import Reruns, write_tokens
from dlcapply.errors import DlcapplyError
from dlcapply.rendering.rows.actions import EditedFile


def test_where_a_file_can_not_be_written_those_that_were_are_named(tmp_path, monkeypatch):
    project, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    for folder in (project, elsewhere):
        folder.mkdir()
        (folder / "job.yaml").write_text("before\n")
    (project / "dlcapply.yaml").touch()
    (project / "out").symlink_to(elsewhere)
    monkeypatch.chdir(project)
    (project / "job.yaml").chmod(0o444)
    with pytest.raises(DlcapplyError, match="is read-only"):
        write_tokens(Reruns((), (EditedFile("job.yaml", b"before\n", b"after\n"),), None))
    (project / "job.yaml").chmod(0o644)
    files = tuple(EditedFile(name, b"before\n", b"after\n") for name in ("job.yaml", "out/job.yaml"))
    with pytest.raises(DlcapplyError) as failed:
        write_tokens(Reruns((), files, None))
    assert (failed.value.hint, "out/job.yaml" in failed.value.message) == (
        "there is a new run.token already in job.yaml",
        True,
    )
    assert [(folder / "job.yaml").read_text() for folder in (project, elsewhere)] == ["after\n", "before\n"]
