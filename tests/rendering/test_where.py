"""Where a report is about fits the terminal, and an emulator is called one wherever it runs."""

from __future__ import annotations

from dlcapply.rendering.rows.where import Where
from dlcapply.rendering.text.lines import to_text, width_of
from dlcapply.rendering.text.where import where_lines

NAME = "team-vision-staging-environment-of-the-second-quarter"


def test_a_long_name_is_folded_and_nothing_of_it_is_left_out():
    where = Where(NAME, "cn-hangzhou", "1001", "127.0.0.1:8123", is_emulator=True)
    lines = where_lines(where, 60)
    assert all(width_of(one) <= 60 for one in lines)
    whole = f"{NAME}: workspace 1001 in cn-hangzhou, at the emulator 127.0.0.1:8123"
    assert to_text(lines).split() == whole.split()
    assert to_text(where_lines(where, None)) == f"{whole}\n"
