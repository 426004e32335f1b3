"""The jobs that are probably meant by a word that none is called by, or by a pattern that selects none."""

from __future__ import annotations

import pytest

from dlcapply.manifest.near_names import meant_names, meant_patterns, near_names

NAMES = ("resnet50-imagenet", "eval-resnet50", "bert-base", "bert-large", "bert-xl", "bert-xxl", "llm_sft.v2")


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("resnet50", ["resnet50-imagenet", "eval-resnet50"]),
        ("ResNet50_ImageNet", ["resnet50-imagenet"]),
        ("imagenet", ["resnet50-imagenet"]),
        ("resnet50-imagenet-v2", ["resnet50-imagenet"]),
        ("jobs/vision/eval-resnet50.yaml", ["eval-resnet50"]),
        ("resnte50-imagenet", ["resnet50-imagenet"]),
        ("brt-base", ["bert-base"]),
        ("bert", ["bert-xl", "bert-xxl", "bert-base", "bert-large"]),
        ("llm-sft-v2", ["llm_sft.v2"]),
        ("e", []),
        ("", []),
        ("speech", []),
        ("x" * 5_000, []),
    ],
)
def test_parts_come_before_what_is_spelled_alike(word, near):
    assert near_names(word, NAMES) == near


def test_few_are_named_and_the_others_counted():
    assert meant_names("resnet50", NAMES) == "did you mean resnet50-imagenet or eval-resnet50?"
    assert meant_names("bert", NAMES) == "did you mean bert-xl, bert-xxl, bert-base or one of 1 more?"
    assert meant_names("base", NAMES) == "did you mean bert-base?"
    assert meant_names("speech", NAMES) == ""
    many = [f"grid-{number}" for number in range(100_000)]
    assert meant_names("grid", many).endswith("or one of 99,997 more?")


@pytest.mark.parametrize(
    ("select", "hint"),
    [
        (["resnet"], "did you mean resnet50-imagenet or eval-resnet50?"),
        (["speech-*"], "see what --select and --exclude match"),
        (["team=visoin"], "did you mean team=vision?"),
        (["team=nobody"], "there are: team=speech, team=vision"),
        (["taem=vision"], "did you mean team=vision?"),
        (["bert-base", "evl-resnet50"], "evl-resnet50: did you mean eval-resnet50?"),
        (["stage=late"], "see what --select and --exclude match"),
    ],
)
def test_patterns_that_select_nothing_are_told_what_there_is(select, hint):
    jobs = [(name, {"team": "speech" if name.startswith("llm") else "vision"}) for name in NAMES]
    assert meant_patterns(select, jobs) == hint
