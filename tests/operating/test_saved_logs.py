"""Logs in files: more of them than are open at once, names that can't meet, and parts that stay parts."""

from contextlib import closing
from dataclasses import replace

import pytest

from dlcapply.errors import DlcapplyError
from dlcapply.operating.pod_lives import Life
from dlcapply.operating.saved_logs import SavedLogs


def life(pod, uid="u", number=0):
    return Life(f"dlc1-{pod}", pod, "Worker", uid, number, None, None, is_over=True)


def test_more_files_than_are_open_at_once(tmp_path):
    lives = [life(f"worker-{number}") for number in range(70)]
    with closing(SavedLogs(tmp_path)) as saved:
        for round_number in range(3):
            for one in lives:
                saved.add(one, [f"{one.name} {round_number}", "\ud800"])
        for one in lives[:-1]:
            saved.finish(one)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == sorted([f"dlc1-worker-{n}.log" for n in range(69)] + ["dlc1-worker-69.log.partial"])
    wanted = "".join(f"worker-5 {n}\n\\ud800\n" for n in range(3))
    assert (tmp_path / "dlc1-worker-5.log").read_text() == wanted
    (log,) = [log for log in saved.logs if log.life == lives[5]]
    assert (log.lines, log.size, log.is_whole) == (6, len(wanted), True)


def test_names_that_would_meet_are_told_apart(tmp_path):
    with closing(SavedLogs(tmp_path)) as saved:
        for one in (
            life("a", "u1", 1),
            life("a.restart-1", "u2"),
            life("x" * 250, "u3"),
            life("x" * 251, "u4"),
        ):
            saved.add(one, [one.uid])
            saved.finish(one)
    assert sorted(path.read_text() for path in tmp_path.iterdir()) == ["u1\n", "u2\n", "u3\n", "u4\n"]


def test_a_uid_that_shows_late_begins_no_other_file(tmp_path):
    with closing(SavedLogs(tmp_path)) as saved:
        saved.add(first := life("a", ""), ["1"])
        saved.add(known := replace(first, uid="u1"), ["2"])
        saved.add(replace(known, uid="u2", number=1), ["3"])
        saved.finish(known)
    assert (tmp_path / "dlc1-a.log").read_text() == "1\n2\n"
    assert (tmp_path / "dlc1-a.restart-1.log.partial").read_text() == "3\n"


def test_who_reads_along_sees_what_was_added(tmp_path):
    with closing(SavedLogs(tmp_path)) as saved:
        saved.add(life("a"), ["1"])
        saved.flush()
        assert (tmp_path / "dlc1-a.log.partial").read_text() == "1\n"


def test_what_is_in_the_way_stays(tmp_path):
    (tmp_path / "dlc1-a.log.partial").symlink_to(tmp_path / "elsewhere")
    with closing(SavedLogs(tmp_path)) as saved:
        with pytest.raises(DlcapplyError, match=r"dlc1-a\.log\.partial") as refusal:
            saved.add(life("a"), ["1"])
        assert refusal.value.hint == "remove it, or save to another folder"
        assert saved.logs == ()  # no part of anything was written
    assert not (tmp_path / "elsewhere").exists()
    (tmp_path / "dlc1-b.log").mkdir()
    with closing(SavedLogs(tmp_path)) as saved:
        saved.add(life("b"), ["1"])
        with pytest.raises(DlcapplyError, match=r"dlc1-b\.log"):
            saved.finish(life("b"))
    assert (tmp_path / "dlc1-b.log.partial").read_text() == "1\n"
