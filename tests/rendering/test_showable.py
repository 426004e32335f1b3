from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.rendering.showable import showable_lines

HEAD = "apiVersion: dlcapply/v1\n"


def shown(text):
    """The lines below the first one that may be shown."""
    return [line.strip() for line in showable_lines(HEAD + dedent(text))[1:] if line and line.strip()]


def hides(text):
    return [line.strip() for line in dedent(text).splitlines() if line.strip() not in shown(text)]


def test_lines_are_told_one_by_one():
    assert showable_lines(HEAD + "a: 1\n\tb: 2\n") == ("apiVersion: dlcapply/v1", "a: 1", "\tb: 2", "")


def test_lines_end_where_yaml_ends_them():
    assert showable_lines("\ufeffapiVersion: v1\r\na: 1\rb: 2\x0bc\u2028d: 1") == (
        "apiVersion: v1",
        "a: 1",
        "b: 2\x0bc",
        "d: 1",
    )


def test_a_file_that_is_neither_manifest_nor_project_is_not_shown():
    assert showable_lines("lr: 1e-4\nepochs: 3") == (None, None)


@pytest.mark.parametrize(
    "line",
    [
        "DB_PASSWORD: hunter2",
        "Envs: {LR: 3, WANDB_API_KEY: abc}",
        '"api-key": abc',
        "UserCommand: train --auth-token abc",
        "Uri: https://me:pass@example.com/x",
        "A: LTAI5tFakeFakeFake1234",
        "A: hf_abcdefghijklmnopqrstuv",
        "A: Zm9vYmFy1234QmF6cXV4NTY3OA",
        "UserCommand: export DB_PASS=hunter2 && python train.py",
        "UserCommand: docker login -u robot -p hunter2 registry.example.com",
        "SanityCheckArgs: --redis-password hunter2",
        "- {Key: LR, Value: 3}",
        "# token: abc",
        f"A: {'a' * 3000}",
    ],
)
def test_a_line_that_looks_like_a_secret_is_not_shown(line):
    assert shown(line) == []


@pytest.mark.parametrize(
    "line",
    [
        "PodCount: 3",
        "Image: dsw-registry.cn-hangzhou.cr.aliyuncs.com/pai/pytorch:2.3.1-gpu-py311-cu121-ubuntu22.04",
        "CodeCommit: 1111111111111111111111111111111111111111",
        "Commit: 0123456789abcdef0123456789abcdef01234567",
        f"Image: registry.example.com/train@sha256:{'0123456789abcdef' * 4}",
        "UserCommand: wandb login $WANDB_API_KEY && python train.py --num-tokens 4096",
        'UserCommand: export HF_TOKEN="${HF_TOKEN}"',
        "UserCommand: python train.py --tokenizer gpt2",
        "# a remark",
        "- Worker",
        "PodCount 3",
    ],
)
def test_any_other_line_is(line):
    assert shown(line) == [line]


def test_what_stands_below_a_secret_key_is_hidden_with_it():
    text = """\
        spec:
          API_TOKEN:
            first

            # remark
            key: second
          After: 1
        """
    assert shown(text) == ["spec:", "# remark", "After: 1"]


def test_trees_of_secrets_are_hidden_whole():
    text = """\
        envFrom:
        - name: X
          typo: abc
        spec:
          JobSpecs:
            - Type: Worker
              ImageConfig:
                Passwrd: abc
              PodCount: 3
        """
    assert shown(text) == ["spec:", "JobSpecs:", "- Type: Worker", "PodCount: 3"]


def test_an_item_that_begins_with_a_secret_is_hidden_to_its_end():
    text = "Env:\n- Name: A_SECRET\n  Valeu: abc\n- Name: LR\n  Valeu: 3\n"
    assert shown(text) == ["Env:", "- Name: LR", "Valeu: 3"]


def test_the_value_of_a_pair_is_hidden_for_its_name_may_stand_elsewhere():
    assert hides("- Value: abc\n  Key: A_SECRET\n- Name: LR\n  value : 3\n") == [
        "- Value: abc",
        "Key: A_SECRET",
        "value : 3",
    ]


def test_a_tab_does_not_lead_out_of_a_tree():
    assert shown("    ImageConfig:\n\t\tPasswrd: abc\n") == []


def test_text_that_may_go_on_from_a_secret_is_not_shown():
    text = '  PASSWORD: "abc\ndef\\q\nghi"\n  LR: 3\n  - item\n'
    assert shown(text) == ["LR: 3"]


@given(st.text())
def test_no_line_is_lost(text):
    assert len(showable_lines(text)) >= text.count("\n") + 1


def test_a_hostile_line_ends():
    hostile = ["- " * 500_000, " " * 1_000_000 + "x", "a " * 500_000, "key: " + "eyJaaaaaaaaaaa-" * 70_000]
    assert shown("a_key: 1\n" + "\n".join(hostile)) == []
