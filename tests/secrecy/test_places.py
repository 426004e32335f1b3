"""The table of the places where secrets stand, and all who ask it."""

from __future__ import annotations

import pytest

from dlcapply.cloud.wire.redaction import secret_texts
from dlcapply.manifest.schema.messages import is_secret
from dlcapply.planning.fields import FIELDS
from dlcapply.planning.masking import masked
from dlcapply.rendering.showable import showable_lines
from dlcapply.secrecy import MASK, SECRET_FIELDS, Holds, held_by, is_secret_field, pair_name
from dlcapply.secrecy.places import HARMLESS_FIELDS, SECTIONS

STEPS = {step.removesuffix("[]") for path in FIELDS for step in path.split(".")}
VALUE = "plain-marlin"


def keys_that_hold(*kinds: Holds) -> list[str]:
    return [key for key, held in SECTIONS.items() if held in kinds]


def test_every_place_is_one_of_createjob_or_of_a_manifest():
    assert {*SECTIONS, *HARMLESS_FIELDS} - STEPS == {"envFrom"}
    paths = {".".join(path.replace("[]", "").split(".")[-2:]) for path in FIELDS}
    assert SECRET_FIELDS - paths == {"AdvancedSettings.RayRedisPassword"}  # a map of any keys


@pytest.mark.parametrize("key", keys_that_hold(Holds.VARIABLES, Holds.PAIRS, Holds.CREDENTIALS))
def test_no_error_of_the_service_repeats_what_stands_there(key):
    assert secret_texts({"JobSpecs": [{key: {"a": [VALUE]}}]}) == {VALUE}
    assert secret_texts({"JobSpecs": [{"Image": {"a": [VALUE]}}]}) == frozenset()


@pytest.mark.parametrize("key", keys_that_hold(Holds.PAIRS, Holds.CREDENTIALS))
@pytest.mark.parametrize("spelling", [str, str.lower, str.upper])
def test_no_message_about_a_manifest_repeats_what_stands_there(key, spelling):
    assert is_secret(("spec", "JobSpecs", 0, spelling(key), "a"))


@pytest.mark.parametrize("key", keys_that_hold(Holds.CREDENTIALS, Holds.SOURCES))
@pytest.mark.parametrize("spelling", [str, str.lower])
def test_no_line_below_is_shown(key, spelling):
    text = f"apiVersion: dlcapply/v1\n{spelling(key)}:\n  a: {VALUE}\nkind: Job\n"
    assert showable_lines(text)[1:4] == (None, None, "kind: Job")


@pytest.mark.parametrize("path", sorted(filter(is_secret_field, FIELDS)))
def test_a_plan_masks_every_secret_field(path):
    assert masked(VALUE, path) == MASK


def test_a_pair_has_its_name_under_either_key():
    assert [pair_name(pair) for pair in ({"Key": "A"}, {"Name": "B", "Key": ""}, {"Value": "C"})] == [
        "A",
        "B",
        None,
    ]


def test_other_keys_hold_nothing_secret():
    assert {held_by(key) for key in STEPS - SECTIONS.keys()} == {Holds.NOTHING}
