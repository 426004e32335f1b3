"""What a plan may show of a value."""

from __future__ import annotations

import pytest

from dlcapply.planning.fields import FIELDS
from dlcapply.planning.masking import FROM_ENVIRONMENT, MASK, OTHER, masked, masked_pair, secrets_of

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


def test_a_map_below_the_name_of_a_secret_keeps_its_keys_alone():
    assert masked({"a": "marlin", "b": [{"c": "marlin-2"}]}, "Settings.Secrets") == {
        "a": MASK,
        "b": [{"c": MASK}],
    }
    assert masked({"Key": "role", "Type": "x"}, "CredentialConfig.CredentialConfigItems[]") == {
        "Key": "role",
        "Type": "x",
    }


def test_a_flag_in_a_list_hides_the_word_behind_it():
    container = {"Name": "x", "Command": ["mysql", "-pmarlin"], "Args": ["--token", "marlin-2", "--lr", "1"]}
    assert masked(container, "JobSpecs[].ExtraPodSpec.SideCarContainers[]") == {
        "Name": "x",
        "Command": ["mysql", f"-p{MASK}"],
        "Args": ["--token", MASK, "--lr", "1"],
    }


def leaf(path, value):
    head, _, rest = path.partition(".")
    inner = leaf(rest, value) if rest else value
    return {head.removesuffix("[]").replace("*", "X"): [inner] if head.endswith("[]") else inner}


@pytest.mark.parametrize("path", sorted(FIELDS))
def test_a_secret_is_masked_in_every_leaf_of_the_schema(path):
    for text in (TOKEN, f"a {TOKEN} b", f"/mnt/{TOKEN}/x", "export DB_PASS=marlin-1-" + TOKEN):
        ((key, value),) = leaf(path, text).items()
        shown = repr(masked(value, key))
        assert TOKEN not in shown
        assert MASK in shown
        assert any(TOKEN in secret for secret in secrets_of(value, key))


def test_a_changed_secret_in_a_text_is_told_from_one_that_stayed():
    before, after = "A_TOKEN=marlin-1 B_TOKEN=marlin-2 run 1", "A_TOKEN=marlin-1 B_TOKEN=marlin-3 run 2"
    shown = masked_pair(before, after, "UserCommand")
    assert shown == (
        f"A_TOKEN={MASK} B_TOKEN={MASK} run 1",
        f"A_TOKEN={MASK} B_TOKEN={OTHER} run 2",
    )


def test_texts_that_differ_only_where_they_are_masked_are_alike():
    assert masked_pair("A_TOKEN=marlin-1", "A_TOKEN=marlin-2", "UserCommand") == (f"A_TOKEN={MASK}",) * 2
    assert masked_pair("marlin-1", "marlin-2", "Envs.A_TOKEN") == (MASK, MASK)
    assert masked_pair(None, "marlin-2", "Envs.A_TOKEN") == (None, MASK)
    assert masked_pair("a", f"a {TOKEN}", "UserCommand") == ("a", f"a {MASK}")
