"""The one judgement of what is a secret, row by row and as a whole."""

from __future__ import annotations

import re
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.secrecy import (
    MASK,
    commands,
    hides,
    is_secret_field,
    is_secret_name,
    looks,
    secret_places,
    secrets_in,
    values,
    without_secrets,
    words_without_secrets,
)
from tests.secrecy.rows import PLAIN_TEXTS, PLAIN_VARIABLES, SECRET_TEXTS, SECRET_VARIABLES


@pytest.mark.parametrize(("name", "value"), SECRET_VARIABLES)
def test_a_secret_by_its_name(name, value):
    assert is_secret_name(name)
    assert hides(name, value)


@pytest.mark.parametrize(("text", "secrets"), [(text, secrets) for text, *secrets in SECRET_TEXTS])
def test_only_the_secret_part_of_a_text_is_hidden(text, secrets):
    expected = text
    for secret in secrets:
        assert secret in text
        expected = expected.replace(secret, MASK)
    assert without_secrets(text) == expected
    assert list(secrets_in(text)) == secrets


@pytest.mark.parametrize(("name", "value"), PLAIN_VARIABLES)
def test_a_variable_that_only_resembles_a_secret_is_shown(name, value):
    assert not hides(name, value)
    assert without_secrets(value) == value


@pytest.mark.parametrize("text", PLAIN_TEXTS)
def test_a_text_that_only_resembles_one_with_a_secret_is_shown(text):
    assert without_secrets(text) == text


def test_there_are_enough_rows_of_each_and_no_secret_is_a_part_of_another():
    assert len(SECRET_VARIABLES) + len(SECRET_TEXTS) >= 150
    assert len(PLAIN_VARIABLES) + len(PLAIN_TEXTS) >= 130
    secrets = [value for _, value in SECRET_VARIABLES] + [one for _, *all_ in SECRET_TEXTS for one in all_]
    assert len(set(secrets)) == len(secrets)


@pytest.mark.parametrize("value", [None, True, False, "", "abc", "true", "None", "$X", "${X}", "/run/x"])
def test_what_can_be_no_secret_is_none_whatever_its_name(value):
    assert not hides("API_KEY", value)


@pytest.mark.parametrize("value", [7, 1.5, 12345678, "12345678", ["x"], {"a": 1}])
def test_a_value_of_any_other_type_may_be_one(value):
    assert hides("API_KEY", value)
    assert not hides("MAX_TOKENS", value)


def test_fields_of_pai_are_known_by_where_they_stand():
    assert is_secret_field("JobSpecs[].ImageConfig.Password")
    assert is_secret_field("Settings.AdvancedSettings.RayRedisPassword")
    assert not is_secret_field("JobSpecs[].ImageConfig.Username")
    assert not is_secret_field("Password")
    assert not hides("AliyunEnvRoleKey", "abcd1234")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--password", "marlin"], ["--password", MASK]),
        (
            ["python", "x.py", "--api-key", "marlin-1", "--lr", "1"],
            ["python", "x.py", "--api-key", MASK, "--lr", "1"],
        ),
        (["docker", "login", "-p", "marlin"], ["docker", "login", "-p", MASK]),
        (["sh", "-c", "export DB_PASS=marlin && run"], ["sh", "-c", f"export DB_PASS={MASK} && run"]),
        (["--password-stdin", "marlin"], ["--password-stdin", "marlin"]),
        (["--token", "--lr", "1"], ["--token", "--lr", "1"]),
        ([], []),
    ],
)
def test_a_flag_hides_the_next_word(words, expected):
    assert words_without_secrets(words) == expected


# Pieces that begin what the patterns look for, so that texts of them reach every branch.
PIECES = (
    *("export ", "TOKEN", "--password", "://", "a1B2", "${", "-----BEGIN ", "PRIVATE KEY-----", "eyJ", "sk-"),
    *("docker login -p ", "hf_", "Bearer ", "x" * 20, "=marlin-1", *"='\"\\`$ \n\t:@/-{}()[],;|&."),
)
texts = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


@given(texts)
def test_what_is_no_secret_is_left_as_it_is(text):
    edges = [0, *(edge for place in secret_places(text) for edge in place), len(text)]
    left = "".join(text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True))
    assert without_secrets(text).replace(MASK, "") == left


@given(texts)
def test_places_are_in_order_apart_and_within_the_text(text):
    edges = [edge for place in secret_places(text) for edge in place]
    assert edges == sorted(set(edges))
    assert all(0 <= edge <= len(text) for edge in edges)


@given(texts, st.text(max_size=20))
def test_a_secret_is_hidden_on_whatever_lines_it_stands_between(before, after):
    text = f"{before}\nexport WANDB_API_KEY=marlin-007-xyz\n{after}"
    quotes = {"'", '"', "`"}
    if not quotes & set(before):
        assert "marlin-007-xyz" not in without_secrets(text)


def test_every_repeat_is_bounded_or_gives_nothing_back():
    patterns = [
        pattern
        for module in (commands, looks, values)
        for value in vars(module).values()
        for pattern in _patterns(value)
    ]
    assert len(patterns) > 40
    for pattern in patterns:
        assert _unbounded(parser.parse(pattern.pattern, pattern.flags)) == [], pattern.pattern


def _patterns(value):
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _patterns(item)


def _unbounded(parsed):
    """The repeats without a bound that may give back what they took, in a pattern or a part of it."""
    found = []
    for operator, argument in parsed:
        if operator in {sre.MAX_REPEAT, sre.MIN_REPEAT} and argument[1] is sre.MAXREPEAT:
            found.append(str(argument))
        for part in argument if isinstance(argument, tuple) else (argument,):
            for inner in part if isinstance(part, list) else (part,):
                if isinstance(inner, parser.SubPattern):
                    found += _unbounded(inner)
    return found


# What makes a judgement slow that looks anew where it has looked before: then one of these takes minutes.
# fmt: off
HOSTILE = (
    "a", "A1", "--", "-a", "a=", "a='", 'a="', 'a=\\"', "token=", "token='", 'token="',
    'token=\\"', "token: ", "password=$(", "password=${", "password=`", "${token:-", "://",
    "://a:", "://a:b@", "://:x", "eyJa.", "eyJ-", "-----BEGIN ", "-----BEGIN A ",
    "-----BEGIN PRIVATE KEY-----", "sk-", "SG.", "SG.aaaaaaaaaaaaaaaa.", "hf_", "docker login -p ",
    "docker ", "mc set ", "curl -u a", "wandb login", "login a password ", "bearer ", "aA1", "a/",
    "+/", "\\", "\\'", "{", "[", "(", "<", "%", "aws set ", "--from-literal ", "a: b = ", "?sig=",
    "\n", " ",
)
# fmt: on


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_repetition_comes_to_an_end(piece):
    text = piece * ((1 << 16) // len(piece))
    assert 0 <= len(secret_places(f"token{text}")) <= len(text)
