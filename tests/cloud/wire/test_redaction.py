"""What an error may repeat of an answer."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.cloud.wire.redaction import redacted, secret_texts
from dlcapply.secrecy import MASK

SECRET = 'pa"ss\\wörd é/+&<42>'


def test_every_place_that_takes_secrets_is_searched():
    body = {
        "DisplayName": "visible-name",
        "UserCommand": "visible command",
        "Envs": {"A": "env-value"},
        "CustomEnvs": [{"Key": "B", "Value": "custom-value"}],
        "CredentialConfig": {"CredentialConfigItems": ({"Roles": [{"Token": "sts-token"}]},)},
        "JobSpecs": [
            {
                "Image": "visible-image",
                "ImageConfig": {"Password": "registry-password"},
                "ExtraPodSpec": {"SideCarContainers": [{"Env": [{"Value": "sidecar-value"}]}]},
            }
        ],
    }
    assert secret_texts(body) == {
        "env-value",
        "custom-value",
        "sts-token",
        "registry-password",
        "sidecar-value",
    }


def test_what_the_judgement_hides_elsewhere_is_searched_too():
    body = {
        "UserCommand": "export WANDB_API_KEY=marlin-1 && python x.py",
        "Settings": {"AdvancedSettings": {"RayRedisPassword": "marlin-2"}},
        "JobSpecs": [{"ExtraPodSpec": {"SideCarContainers": [{"Args": ["--password", "marlin-3"]}]}}],
    }
    assert secret_texts(body) == {"marlin-1", "marlin-2", "marlin-3"}


def test_what_nobody_would_hide_stays_in_messages():
    envs = {"LR": "1e-4", "PORT": "29500", "FLAG": "true", "DATA": "/mnt/data", "KEY": "$KEY"}
    assert secret_texts({"Envs": envs}) == frozenset()


def test_whatever_came_from_the_environment_is_hidden():
    body = {"Envs": {"FOO": "/mnt/data"}, "Settings": {"Tags": {"dlcapply-env": "FOO,BAR"}}}
    assert secret_texts(body) == {"/mnt/data"}


@pytest.mark.parametrize(
    "body", [None, [], {"Settings": 1}, {"Settings": {"Tags": {"dlcapply-env": 7}}}, {"Envs": ["a"]}]
)
def test_a_body_of_any_form_has_no_secrets(body):
    assert secret_texts(body) == frozenset()


def test_texts_too_short_to_tell_from_words_are_left():
    assert secret_texts({"Envs": {"A": "on", "B": 12345}}) == frozenset()


@pytest.mark.parametrize(
    "spelling",
    [
        str,
        lambda text: json.dumps(text)[1:-1],
        lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
        lambda text: json.dumps(json.dumps(text)[1:-1])[1:-1],
        lambda text: quote(text, safe=""),
        quote,
        quote_plus,
        lambda text: repr(text)[1:-1],
        html.escape,
        lambda text: base64.b64encode(text.encode()).decode(),
        lambda text: text[:15],
    ],
)
def test_a_secret_is_masked_in_every_spelling(spelling):
    said = redacted(f"bad value {spelling(SECRET)} of Envs", {SECRET})
    assert said.replace("=", "") == f"bad value {MASK} of Envs"


def test_a_secret_of_several_lines_is_masked_line_by_line_too():
    secret = "first-line-of-marlin\nsecond-line-of-marlin\n"
    assert "marlin" not in redacted(f"value {secret!r}", {secret})
    assert "marlin" not in redacted("at second-line-of-marlin", {secret})
    assert "marlin" not in redacted(f"value {secret}", {secret})


def test_a_secret_that_a_service_cuts_is_masked_as_far_as_it_goes():
    assert redacted("value marlin-0123456789… is too long", {"marlin-0123456789-abcdef"}) == (
        f"value {MASK}… is too long"
    )


def test_masks_come_before_the_cut():
    for before in range(100):
        said = redacted("x" * before + " marlin-0123456789", {"marlin-0123456789"}, longest=50)
        assert "marlin" not in said
        assert len(said) <= 51


def test_what_looks_like_a_secret_is_masked_without_being_known():
    assert redacted("the key LTAI5tNotARealKeyId0 is disabled") == f"the key {MASK} is disabled"


def test_a_text_is_one_printable_line():
    assert redacted("a\x1b[31m\r\nb\x00\u202ec\t d") == "a[31m bc d"
    assert redacted(None) == ""
    assert redacted(7) == "7"
    assert redacted({"a": 1}) == "{'a': 1}"


@given(st.text(alphabet='ab1-/ \\"', min_size=4, max_size=30), st.text(max_size=30), st.integers(0, 60))
def test_no_spelling_of_a_hidden_text_comes_back(secret, around, longest):
    said = redacted(f"{around}{secret}{around}", {secret}, longest=longest)
    assert len(said) <= longest + 1
    bare = "".join(filter(str.isprintable, " ".join(secret.split())))
    assert len(bare) < 4 or bare not in said.replace(MASK, "\0")
