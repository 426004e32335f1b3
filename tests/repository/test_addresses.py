from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.model.jobs import LONGEST_TAG
from dlcapply.repository.addresses import (
    UnreadableAddressError,
    declared_origin,
    is_local,
    origin_of,
    rewritten,
)

ONE = "github.com/vision/jobs"
SPELLINGS = [
    "https://github.com/vision/jobs.git",
    "https://github.com/Vision/Jobs",
    "https://github.com:443/vision/jobs/",
    "https://alice@github.com/vision/jobs",
    "https://x-access-token:ghs_s3cret@github.com/vision/jobs",
    "https://github.com/vision/jobs?private_token=s3cret",
    "https://github.com/vision/jobs#s3cret",
    "http://GitHub.com:80//vision//jobs.git/",
    "git@github.com:vision/jobs.git",
    "github.com:vision/jobs",
    "git@github.com:/vision/jobs.git",
    "[git@github.com:22]:vision/jobs.git",
    "ssh://git@github.com/vision/jobs.git",
    "ssh://git@github.com:22/vision/jobs.git",
    "ssh://git@ssh.github.com:443/vision/jobs.git",
    "git+ssh://git@github.com/vision/jobs",
    "git://github.com/vision/jobs.git",
    "git://github.com:9418/vision/jobs.git",
]


@pytest.mark.parametrize("address", SPELLINGS)
def test_every_spelling_of_one_repository_is_one_origin(address):
    assert origin_of(address) == ONE
    assert origin_of(address, "teams/vision") == f"{ONE}/teams/vision"
    assert "s3cret" not in origin_of(address)
    assert declared_origin(address) == ONE


@pytest.mark.parametrize(
    "address",
    [
        "https://vision@dev.azure.com/vision/jobs/_git/jobs",
        "https://dev.azure.com/vision/_git/jobs",
        "git@ssh.dev.azure.com:v3/vision/jobs/jobs",
        "ssh://git@ssh.dev.azure.com/v3/Vision/jobs/jobs",
        "vision@vs-ssh.visualstudio.com:v3/vision/jobs/jobs",
        "dev.azure.com/vision/jobs/_git/jobs",
    ],
)
def test_a_host_that_has_a_path_of_its_own_for_ssh_is_one_origin_too(address):
    one = "dev.azure.com/vision/jobs/_git/jobs"
    assert declared_origin(address) == one
    if ":" in address:
        assert origin_of(address, "teams/nlp") == f"{one}/teams/nlp"


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("ssh://git@gitlab.example.com:2222/a/b.git", "gitlab.example.com:2222/a/b"),
        ("https://gitlab.example.com:8443/a/b/c.git", "gitlab.example.com:8443/a/b/c"),
        ("git@codeup.aliyun.com:5eacd74338076f00/jobs.git", "codeup.aliyun.com/5eacd74338076f00/jobs"),
        ("git@github.com:123/jobs.git", "github.com/123/jobs"),
        ("[::1]:a/b", "[::1]/a/b"),
        ("ssh://[fe80::1]:2222/a", "[fe80::1]:2222/a"),
        ("https://host/a%20b", "host/a%20b"),
        ("host:a b/ü", "host/a%20b/%c3%bc"),
        ("https://host/@scope/jobs", "host/@scope/jobs"),
        ("host:~alice/jobs", "host/~alice/jobs"),
    ],
)
def test_what_makes_another_repository_stays(address, origin):
    assert origin_of(address) == origin
    assert declared_origin(origin) == origin


@pytest.mark.parametrize(
    "address",
    [
        "/srv/git/jobs.git",
        "../jobs",
        "jobs",
        "./a:b",
        "file:///srv/jobs",
        "FILE://host/x",
        "~/jobs",
        "C:\\jobs",
        "c:/jobs",
    ],
)
def test_a_path_of_one_machine_is_none(address):
    assert is_local(address)
    assert origin_of(address) == ""


@pytest.mark.parametrize(
    "address",
    [
        "https://user:s3/cret@github.com/vision/jobs",
        "https://s3/cret@github.com/vision/jobs",
        "https://user:12/s3cret@github.com/vision/jobs",
        "user:s3cret@github.com:vision/jobs",
        "ext::sh -c s3cret",
        "codecommit::cn-north-1://s3cret@jobs",
        "https://github.com",
        "https:///jobs",
        "ssh://host:port/jobs",
        "host:",
    ],
)
def test_what_names_no_repository_is_refused_and_not_shown(address):
    with pytest.raises(UnreadableAddressError) as refused:
        origin_of(address)
    assert str(refused.value) == ""


@pytest.mark.parametrize(
    "text", ["", "/srv/jobs", "file:///srv", "./jobs", "https://", "@", ":22", "..", "a b"]
)
def test_what_nobody_can_have_meant_as_an_origin(text):
    with pytest.raises(UnreadableAddressError):
        declared_origin(text)


def test_a_declared_origin_may_be_written_as_it_is_read():
    assert declared_origin("GitHub.com/Vision/Jobs/teams/a@b") == "github.com/vision/jobs/teams/a@b"
    assert declared_origin("alice:s3cret@host.example/a") == "host.example/a"
    assert declared_origin("vision-jobs") == "vision-jobs"


def test_of_an_origin_that_no_tag_holds_there_are_its_hash_and_its_end():
    folder = "/".join(["folder"] * 30)
    origin = origin_of("git@github.com:vision/jobs", folder)
    whole = f"{ONE}/{folder}"
    assert origin.startswith(f"{hashlib.sha256(whole.encode()).hexdigest()[:32]}/")
    assert origin.endswith("/folder/folder")
    assert LONGEST_TAG - 8 < len(origin) <= LONGEST_TAG
    assert origin != origin_of("git@github.com:vision/jobs", f"x{folder}")


PARTS = st.text(st.characters(codec="utf-8", exclude_characters="/?#\n\r\0"), min_size=1, max_size=60)


@given(st.lists(PARTS, min_size=1, max_size=8))
def test_what_a_mark_says_may_be_declared_as_it_is(parts):
    try:
        origin = origin_of(f"ssh://host.example/{'/'.join(parts)}", "folder.git")
    except UnreadableAddressError:
        return
    assert len(origin) <= LONGEST_TAG
    assert origin.isascii()
    assert origin.isprintable()
    assert declared_origin(origin) == origin


RULES = [
    ("gh:", "https://github.com/"),
    ("gh:vision/", "git@ssh.github.com:vision/"),
    ("https://", "https://mirror.cn/https://"),
]


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("gh:audio/jobs", "https://github.com/audio/jobs"),
        ("gh:vision/jobs", "git@ssh.github.com:vision/jobs"),
        ("https://github.com/vision/jobs", "https://github.com/vision/jobs"),
        ("git@github.com:vision/jobs", "git@github.com:vision/jobs"),
        ("https://gitlab/vision/jobs", "https://mirror.cn/https://gitlab/vision/jobs"),
        ("/srv/jobs", "/srv/jobs"),
    ],
)
def test_an_abbreviation_is_what_it_stands_for_and_a_mirror_changes_nothing(address, meant):
    assert rewritten(address, RULES) == meant
