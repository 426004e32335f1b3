"""What a runner obeys, judged by a reader written after the runner's own source."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.manifest.yaml.writer import to_yaml
from dlcapply.runners import Disarming, disarmed, looks_like_command, obeys
from tests.runners import commands_in

PIECES = [
    "::add-mask::x",
    "  ::set-output name=a::b",
    "\u3000::error::",
    "\t \xa0::",
    "##[group]a",
    "a ##[add-mask]b",
    "##vso[task.setvariable variable=a]b",
    "##teamcity[buildStatus]",
    "#",
    "##",
    "[",
    "]",
    ":",
    "::",
    " ",
    "\n",
    "\r",
    "\r\n",
    "\ufeff",
    "\x1b[1m",
    "text",
]
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=12)


@pytest.mark.parametrize("text", PIECES[:8])
def test_a_command_is_known_and_disarmed(text):
    assert looks_like_command(text)
    assert commands_in(text)
    assert not looks_like_command(disarmed(text))


@pytest.mark.parametrize(
    "text", ["a::b", "std::vector", "- ::x::", "# [x]", "##x[", "http://[::1]:80", "a: :b", "", "## [a]"]
)
def test_what_no_runner_obeys_is_left_alone(text):
    assert disarmed(text) == text
    assert not commands_in(text)


def test_the_escape_can_be_read():
    assert disarmed(" ::add-mask::a\n##[group]b") == " :\\u003aadd-mask::a\n##\\u005bgroup]b"


@given(texts)
def test_nothing_that_is_disarmed_is_obeyed(pieces):
    assert not commands_in(disarmed("".join(pieces)))


@given(texts)
def test_a_command_in_pieces_is_disarmed_as_a_whole_one_is(pieces):
    disarming = Disarming()
    assert "".join(map(disarming.of, pieces)) == disarmed("".join(pieces))


@given(st.dictionaries(st.text(max_size=6), texts.map("".join), max_size=3))
def test_documents_mean_the_same_when_they_are_disarmed(value):
    printed = disarmed(to_yaml(value))
    assert not commands_in(printed)
    assert yaml.safe_load(printed) == value
    document = disarmed(json.dumps(value, indent=2))
    assert not commands_in(document)
    assert json.loads(document) == value


def test_comments_stay_in_their_line():
    assert to_yaml({"a": 1}, ["b\n::error::c"]) == "---\na: 1  # b\\n::error::c\n"


@pytest.mark.parametrize("name", ["GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION"])
def test_who_obeys(name):
    assert obeys({name: "true"})
    assert not obeys({name: "", "CI": "true"})


def test_a_long_line_of_blanks_takes_no_time():
    text = "\n" * 200_000 + " " * 200_000 + ":" * 200_000
    assert len(re.findall(r"\\u003a", disarmed(text))) == 1
