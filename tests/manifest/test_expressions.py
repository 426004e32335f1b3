"""Texts are taken apart once, from left to right, whatever stands in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.manifest.expressions import Expression, is_template, literal, parts, variables_in


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("plain $ {{ }} }}", ["plain $ {{ }} }}"]),
        ("${{ var.a }}", [Expression(" var.a ")]),
        ("x${{a}}y${{b}}", ["x", Expression("a"), "y", Expression("b")]),
        ("${{}}}}", [Expression(""), "}}"]),
        ("a${{ b", ["a", Expression(None)]),
        ("${{ a ${{ b }}", [Expression(None), " a ", Expression(" b ")]),
        ("$${{ a }}", ["${{", " a }}"]),
        ("$$${{ a }}", ["$${{", " a }}"]),
        ("${{ a }}$${{", [Expression(" a "), "${{"]),
        ("${{ a }}${{ b }}", [Expression(" a "), Expression(" b ")]),
        ("${{\na\n}}", [Expression("\na\n")]),
        ("$${{ ${{ a }}", ["${{", " ", Expression(" a ")]),
    ],
)
def test_parts(text: str, expected: list) -> None:
    assert list(parts(text)) == expected


@given(st.text("${} a", max_size=30))
def test_what_is_written_literally_means_itself(text: str) -> None:
    assert "".join(part for part in parts(literal(text)) if isinstance(part, str)) == text
    assert not is_template(literal(text))


def test_the_variables_of_a_text() -> None:
    assert list(variables_in("${{ var.a }} ${{var.b}} $${{ var.c }} ${{ env.d }} ${{ var.a")) == ["a", "b"]


class Counting(str):
    """A text that counts the characters that are searched."""

    __slots__ = ("searched",)
    searched: int

    def find(self, sub: str, start: int = 0, end: int | None = None) -> int:
        end = len(self) if end is None else end
        found = super().find(sub, start, end)
        self.searched = getattr(self, "searched", 0) + (found if found >= 0 else end) - start
        return found


@pytest.mark.parametrize("text", ["${{", "${{ }}", "${{ ${{", "$${{", "}}", "${{ var.x }} ", "}}${{"])
@pytest.mark.parametrize("end", ["", "}}"])
def test_the_work_is_linear_in_the_text(text: str, end: str) -> None:
    many = Counting(text * 2_000 + end)
    assert len(list(parts(many))) <= 2 * 2_000 * text.count("${{") + 2
    assert many.searched <= 4 * len(many)
