"""Plain scalars mean what YAML 1.2's core schema says."""

from __future__ import annotations

import pytest

from dlcapply.manifest.yaml.scalars import AmbiguousError, resolve


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
        ("0", 0),
        ("-0.5", -0.5),
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


@pytest.mark.parametrize("text", ["0123", "00", "-012", "+07", "01.5", "0123e4", "0890123"])
def test_a_number_with_a_zero_before_it_is_read_by_nobody(text: str) -> None:
    with pytest.raises(AmbiguousError):
        resolve(text)


@pytest.mark.parametrize("text", ["0", "-0", "0.25", "0e3", "10"])
def test_a_zero_that_counts_is_no_such(text: str) -> None:
    assert resolve(text) == float(text)


@pytest.mark.parametrize("text", ["0123456789abcdef", "01-02", "0x", "00:30"])
def test_a_text_may_begin_with_a_zero(text: str) -> None:
    assert resolve(text) == text
