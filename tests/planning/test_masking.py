"""What a plan may show of a value."""

from __future__ import annotations

import pytest

from dlcapply.planning.masking import FROM_ENVIRONMENT, MASK, masked

TOKEN = "hf_" + "a1B2" * 8


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("Envs.HF_TOKEN", "s3cret"),
        ("Envs.HF_TOKEN", 7),
        ("Envs.HF_TOKEN", {"a": 1}),
        ("JobSpecs[].ImageConfig.Password", "s3cret"),
        ("JobSpecs[].ImageConfig.Auth", "s3cret"),
    ],
)
def test_secrets_are_masked_whole_whatever_their_type(path, value):
    assert masked(value, path) == MASK


@pytest.mark.parametrize("value", [None, FROM_ENVIRONMENT])
def test_nothing_and_the_placeholder_are_no_secrets(value):
    assert masked(value, "Envs.HF_TOKEN") == value


@pytest.mark.parametrize("value", ["plain", 7, 0.5, True, ["a", 1], {"LR": "1"}])
def test_all_else_is_shown_as_it_is(value):
    assert masked(value, "Settings.AdvancedSettings") == value
    assert masked(value, "Envs.LR", secret_names=("FOO",)) == value


def test_a_variable_is_secret_by_its_origin_too():
    assert masked("x", "Envs.FOO", secret_names=("FOO",)) == MASK
    assert masked("x", "Envs.FOO", secret_names=("*",)) == MASK
    assert masked("x", "Envs.FOO", secret_names=("OO", "FOOT")) == "x"
    assert masked("x", "JobSpecs[].Envs.FOO", secret_names=("*",)) == "x"


def test_secrets_are_found_inside_maps_and_lists():
    role = {"Type": "Worker", "ImageConfig": {"Username": "me", "Password": "s3cret"}}
    shown = {"Type": "Worker", "ImageConfig": {"Username": "me", "Password": MASK}}
    assert masked([role], "JobSpecs") == [shown]
    assert masked(role, "JobSpecs[]") == shown
    assert masked({"LR": "1", "FOO": "x"}, "Envs", secret_names=("FOO",)) == {"LR": "1", "FOO": MASK}
    assert masked([f"key {TOKEN}"], "ThirdpartyLibs") == [f"key {MASK}"]


@pytest.mark.parametrize("key", ["Key", "Name"])
def test_the_value_beside_a_secret_name_is_masked(key):
    pair = {key: "HF_TOKEN", "Value": "s3cret", "Visible": "public"}
    assert masked([pair], "CustomEnvs") == [{**pair, "Value": MASK}]
    other = {key: "FOO", "Value": "x"}
    assert masked([other], "CustomEnvs") == [other]
    assert masked([other], "CustomEnvs", secret_names=("FOO",)) == [{**other, "Value": MASK}]
    assert masked({key: "HF_TOKEN"}, "CustomEnvs[]") == {key: "HF_TOKEN"}


def test_a_pair_whose_name_is_no_text_is_no_error():
    assert masked({"Key": 7, "Value": "x"}, "CustomEnvs[]") == {"Key": 7, "Value": "x"}
