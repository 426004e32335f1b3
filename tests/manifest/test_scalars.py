"""Plain scalars mean what YAML 1.2's core schema says."""

from __future__ import annotations

import pytest

from dlcapply.manifest.scalars import resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("FALSE", False),
        ("8", 8),
        ("-8", -8),
        ("0123456", 123456),
        ("0o17", 15),
        ("0x1F", 31),
        ("1e-4", 0.0001),
        ("3.10", 3.1),
        (".5", 0.5),
        ("5.", 5.0),
        ("-1.5E+3", -1500.0),
    ],
)
def test_core_words_and_numbers(text: str, value: object) -> None:
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "on",
        "yes",
        "Off",
        "y",
        "12:30:45",
        "2026-01-01",
        "1_000",
        "0b1",
        "-0x1",
        "0o8",
        "+",
        "-",
        ".",
        "1.2.3",
    ],
)
def test_what_yaml_1_1_took_for_something_else_is_text(text: str) -> None:
    assert resolve(text) == text


@pytest.mark.parametrize("text", [".inf", "-.INF", ".nan", "1e999", "-1e999", "9" * 5000, "0x" + "f" * 5000])
def test_numbers_that_json_cannot_carry_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        resolve(text)
