"""Reading and writing where others may have laid traps."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from dlcapply.disk import (
    MAX_BYTES,
    escaping_link,
    here,
    is_inside,
    is_stream,
    open_private,
    private_folder,
    read_bytes,
    write_whole,
)
from dlcapply.errors import DlcapplyError
from tests.planting import folder, hard_link, link, pipe


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A working folder that is a repository, beside a folder that is not part of it."""
    root = tmp_path / "repository"
    (root / ".git").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    monkeypatch.chdir(root)
    return root


def names():
    return sorted(path.name for path in Path().iterdir())


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("size", [0, 1, (1 << 15) - 1, 1 << 15, (1 << 15) + 1, MAX_BYTES, MAX_BYTES + 9])
def test_a_file_is_read_up_to_one_byte_more_than_it_may_have(tmp_path, size):
    path = tmp_path / "file"
    path.write_bytes(b"x" * size)
    assert len(read_bytes(path)) == min(size, MAX_BYTES + 1)
    assert read_bytes(path, 10) == b"x" * min(size, 11)


@pytest.mark.parametrize(("make", "words"), [(os.mkfifo, "a named pipe"), (os.mkdir, "folder|directory")])
def test_what_is_not_a_file_is_not_waited_for(tmp_path, make, words):
    make(tmp_path / "x")
    with pytest.raises(OSError, match=f"(?i){words}"):
        read_bytes(tmp_path / "x")


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/random"])
def test_devices_are_not_read(path):
    with pytest.raises(OSError, match="device"):
        read_bytes(path)


@pytest.mark.parametrize("path", ["a\0b", "\ud800", "x" * 5000])
def test_a_name_that_no_file_has_is_an_expected_failure(path):
    with pytest.raises(OSError, match="name"):
        read_bytes(path)
    with pytest.raises(DlcapplyError, match="name"):
        write_whole(path, "")
    assert not is_inside(Path("a\0b"), Path.cwd())


def test_a_stream_is_read_to_its_end_or_its_bound():
    reader, writer = os.pipe()
    sender = threading.Thread(target=_send, args=(writer, 100, 1000))
    sender.start()
    assert len(read_bytes(f"/dev/fd/{reader}", 150_000)) == 100_000
    sender.join()
    os.close(reader)
    with Path("/dev/zero").open("rb") as zeros:
        assert len(read_bytes(f"/proc/self/fd/{zeros.fileno()}", 1000)) == 1001


def _send(writer, count, size):
    with os.fdopen(writer, "wb", buffering=0) as stream:
        for _ in range(count):
            stream.write(b"x" * size)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/dev/stdin", True),
        ("/dev/fd/63", True),
        ("/proc/self/fd/0", True),
        ("/dev/null", True),
        ("/dev/zero", False),
        ("/dev/fd/../zero", False),
        ("dev/stdin", False),
        ("/dev/fd/", False),
        ("jobs/x.yaml", False),
    ],
)
def test_streams_are_known_by_name(path, expected):
    assert is_stream(path) is expected


@pytest.mark.parametrize(
    ("links", "path", "trap"),
    [
        ({"out": "../outside"}, "out/plan.json", "out"),
        ({"plan.json": "../outside/plan.json"}, "plan.json", "plan.json"),
        ({"a": "b", "b": "../outside"}, "a/plan.json", "a"),
        ({"a": "b", "b": "../outside"}, "x/../a/plan.json", "a"),
        ({"a": "/etc"}, "a/../plan.json", "a"),
        ({"plan.json": ".git/config"}, "plan.json", "plan.json"),
        ({"reports": "."}, "reports/plan.json", None),
        ({"a": "b", "b": "x"}, "a/plan.json", None),
        ({"plan.json": "x/plan.json"}, "plan.json", None),
        ({"a": "a"}, "a/plan.json", None),
        ({}, "plan.json", None),
        ({}, "../outside/plan.json", None),
        ({"../mine": "outside"}, "../mine/plan.json", None),
    ],
)
def test_a_link_out_of_the_repository_is_a_trap_and_no_other(repository, links, path, trap):
    (repository / "x").mkdir()
    for name, target in links.items():
        (repository / name).symlink_to(target)
    assert escaping_link(path) == (trap and repository / trap)
    assert escaping_link(repository / path) == (trap and repository / trap)


def test_a_project_is_a_fence_too_and_so_is_the_working_folder(tmp_path, monkeypatch):
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "out").symlink_to(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert escaping_link("project/out") is None
    (tmp_path / "project" / "dlcapply.yaml").touch()
    assert escaping_link("project/out") == tmp_path / "project" / "out"
    (tmp_path / "project" / "dlcapply.yaml").unlink()
    monkeypatch.chdir(tmp_path / "project")
    assert escaping_link("out") == tmp_path / "project" / "out"


@pytest.mark.parametrize("link", ["out", "plan.json", "deep/down"])
def test_nothing_is_written_through_a_trap(repository, tmp_path, link):
    target = tmp_path / "outside" / ("keys" if link == "plan.json" else "")
    (repository / link).parent.mkdir(exist_ok=True)
    (repository / link).symlink_to(target)
    with pytest.raises(DlcapplyError, match=f"{link} is a link that leads out of the repository"):
        write_whole(link if link == "plan.json" else f"{link}/plan.json", "text")
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_link_that_is_no_trap_stays_and_its_target_is_written(repository, tmp_path):
    (repository / "latest.json").symlink_to("2026.json")
    write_whole("latest.json", "a")
    (tmp_path / "mine").symlink_to("outside")
    write_whole(str(tmp_path / "mine" / "plan.json"), "b")
    assert (repository / "latest.json").is_symlink()
    assert (repository / "2026.json").read_text() == "a"
    assert (tmp_path / "outside" / "plan.json").read_text() == "b"


def test_a_file_keeps_its_mode_and_its_other_names_keep_their_text(repository):
    Path("plan.json").write_text("old")
    Path("plan.json").chmod(0o640)
    os.link("plan.json", "other.json")
    write_whole("plan.json", "new \udcff")
    assert (Path("plan.json").read_text(), mode(repository / "plan.json")) == (r"new \udcff", 0o640)
    assert Path("other.json").read_text() == "old"
    assert names() == [".git", "other.json", "plan.json"]


@pytest.mark.parametrize("file", ["no/such/plan.json", ".git", "x/", "plan.json/x"])
def test_what_cannot_be_written_is_left_as_it_was(repository, file):
    Path("plan.json").write_text("old")
    with pytest.raises(DlcapplyError, match="can't be written"):
        write_whole(file, "new")
    assert names() == [".git", "plan.json"]
    assert Path("plan.json").read_text() == "old"
    assert repository.exists()


def test_a_pipe_is_written_to_and_not_replaced(repository):
    os.mkfifo("pipe")
    with pytest.raises(DlcapplyError, match="a pipe without a reader"):
        write_whole("pipe", "text")
    reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    write_whole("pipe", "text")
    assert os.read(reader, 100) == b"text"
    os.close(reader)
    assert stat.S_ISFIFO((repository / "pipe").stat().st_mode)
    write_whole("/dev/null", "text")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_private_files_are_their_owners_alone(tmp_path):
    folder = tmp_path / "state"
    folder.mkdir(mode=0o755)
    private_folder(folder)
    (folder / "old").write_text("a")
    (folder / "old").chmod(0o644)
    for name in ("old", "new"):
        descriptor = open_private(folder / name)
        os.write(descriptor, b"b")
        os.close(descriptor)
        assert mode(folder / name) == 0o600
    assert mode(folder) == 0o700
    assert (folder / "old").read_text() == "ab"


@pytest.mark.parametrize("plant", [link, hard_link, pipe, folder])
def test_nothing_private_is_written_into_what_somebody_planted(tmp_path, plant):
    (tmp_path / "keys").write_text("a key\n")
    plant(tmp_path / "journal", tmp_path / "keys")
    with pytest.raises(OSError, match="journal"):
        open_private(tmp_path / "journal")
    assert (tmp_path / "keys").read_text() == "a key\n"


@pytest.mark.parametrize("plant", [link, pipe])
def test_the_folder_of_private_files_is_a_folder(tmp_path, plant):
    (tmp_path / "elsewhere").mkdir(mode=0o755)
    plant(tmp_path / "state", tmp_path / "elsewhere")
    with pytest.raises(OSError, match="state"):
        private_folder(tmp_path / "state")
    assert mode(tmp_path / "elsewhere") == 0o755


def test_a_working_folder_that_is_gone_is_an_expected_failure(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(DlcapplyError, match="working folder is gone"):
        here()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a link of another user")
def test_another_users_link_where_everybody_may_write_is_a_trap(repository, tmp_path):
    common = tmp_path / "common"
    common.mkdir()
    common.chmod(0o1777)
    (common / "plan.json").symlink_to(tmp_path / "outside" / "keys")
    assert escaping_link(common / "plan.json") is None
    os.lchown(common / "plan.json", 65534, 65534)
    assert escaping_link(common / "plan.json") == common / "plan.json"
    common.chmod(0o777)
    assert escaping_link(common / "plan.json") is None
    assert repository.exists()
