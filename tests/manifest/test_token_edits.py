"""A new run.token in the text of a manifest: at its place, and every other character as it was."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.manifest.nodes import plain
from dlcapply.manifest.token_edits import UneditableError, with_token
from dlcapply.manifest.yaml.reader import read
from dlcapply.planning.tokens import next_token

HEAD = "kind: Job\nmetadata: {name: a}\n"
TAIL = "spec: {A: 1}\n"


def edited(text, *, token="2026-11-29", document=0):  # noqa: S107
    data = text.encode()
    return with_token(data, read(data, "f").documents[document].place, token).decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('run:\n  token: "1"  # why\n', 'run:\n  token: "2026-11-29"  # why\n'),
        ("run:\n  token: 'x'\n", "run:\n  token: '2026-11-29'\n"),
        ("run:\n    token: v2\n", 'run:\n    token: "2026-11-29"\n'),
        ("run: {retries: 2, token: '1', }\n", "run: {retries: 2, token: '2026-11-29', }\n"),
        ("run: {token: &t '1'}\n", "run: {token: &t '2026-11-29'}\n"),
        ('run: {"token": !!str 1}\n', 'run: {"token": !!str "2026-11-29"}\n'),
        ("run: {retries: 2}\n", 'run: {token: "2026-11-29", retries: 2}\n'),
        ("run: {\n  retries: 2\n}\n", 'run: {\n  token: "2026-11-29",\n  retries: 2\n}\n'),
        ("run: {}\n", 'run: {token: "2026-11-29"}\n'),
        ("run:\n", 'run: {token: "2026-11-29"}\n'),
        ("run: ~\n", 'run: {token: "2026-11-29"}\n'),
        ("run:\n  token:\n  retries: 1\n", 'run:\n  token: "2026-11-29"\n  retries: 1\n'),
        ("run:  # c\n  # few\n  retries: 2\n", 'run:  # c\n  token: "2026-11-29"\n  # few\n  retries: 2\n'),
        ("# the work\n", 'run:\n  token: "2026-11-29"\n# the work\n'),
        ("", 'run:\n  token: "2026-11-29"\n'),
    ],
)
def test_the_token_stands_where_it_did_or_where_it_belongs(before, after):
    assert edited(f"{HEAD}{before}{TAIL}") == f"{HEAD}{after}{TAIL}"
    crlf = f"{HEAD}{before}{TAIL}".replace("\n", "\r\n")
    assert edited(crlf) == f"{HEAD}{after}{TAIL}".replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('run: {token: "${{ var.epoch }}"}\n', "comes from a variable"),
        ("run: &r\n  retries: 2\nother: *r\n", "more than run.token"),
        ("run: {token: &t '1'}\nother: *t\n", "more than run.token"),
        ("other: &r {token: a}\nrun: *r\n", "run is an alias"),
        ("other: &t a\nrun: {token: *t}\n", "run.token is an alias"),
        ("run:\n  token: |-\n    abc\n", "on several lines"),
        ("? run\n: retries: 2\n", "begin its line"),
        ("run: {token}\n", "more than run.token"),
        ("run: [1]\n", "alias"),
    ],
)
def test_what_only_a_person_can_write_is_left_alone(text, why):
    with pytest.raises(UneditableError) as refused:
        edited(f"{HEAD}{text}{TAIL}")
    assert why in refused.value.why


def test_json_stays_json_and_escapes_of_two_halves_stay_as_they_are():
    line = '{"kind": "Job", "metadata": {"name": "a"}, "spec": {"A": "\\ud83d\\ude00"}}'
    assert edited(line) == line.replace('"spec"', '"run": {"token": "2026-11-29"}, "spec"')
    for nothing in ("{}", "null"):
        line = f'{{"metadata": {{"name": "a"}}, "run": {nothing}, "spec": {{"A": 1}}}}'
        assert edited(line) == line.replace(nothing, '{"token": "2026-11-29"}')
    lines = '{\n  "metadata": {"name": "a"},\n  "run": {\n    "retries": 2\n  }\n}\n'
    assert edited(lines) == lines.replace("{\n    ", '{\n    "token": "2026-11-29",\n    ')


def test_the_document_is_the_one_that_begins_there():
    both = f"\ufeff---\n# empty\n---\n{HEAD}run: {{token: '1'}}\n{TAIL}...\n---\n{HEAD}{TAIL}"
    second = edited(both, document=1)
    assert second == both.replace(f"---\n{HEAD}{TAIL}", f'---\n{HEAD}run:\n  token: "2026-11-29"\n{TAIL}')
    assert edited(both, document=0) == both.replace("'1'", "'2026-11-29'")
    with pytest.raises(UneditableError):
        with_token(both.encode(), read(b"\n\nelsewhere: 1", "f").documents[0].place, "2")


words = st.text("abc:#'\"{}[]&*!|>-?\\ \t\né😀0x~", max_size=12)
runs = st.sampled_from(
    [
        "",
        "run:\n",
        "run: {}\n",
        "run: {retries: 1} # c\n",
        "run:\n  retries: 1\n",
        "run: {token: a}\n",
        "run:\n  # c\n  retries: 1\n\n  token: 'a' # c\n",
        "run: &r {token: &t a}\n",
        '"run": {"token": "a"}\n',
    ]
)


@given(words, runs, words, st.sampled_from(["\n", "\r\n"]))
def test_whatever_else_is_in_a_file_nothing_but_the_token_changes(above, run, below, newline):
    text = (
        f"kind: Job\nmetadata: {{name: a}}\n# {above!r}\nnote: {above}\n{run}spec: {{A: 1}}\nlast: {below}\n"
    )
    data = text.replace("\n", newline).encode()
    before = read(data, "f")
    if before.findings or not before.documents:
        return
    place = before.documents[0].place
    try:
        after = with_token(data, place, "t-9")
    except UneditableError:
        return
    first, *others = [plain(document) for document in before.documents]
    assert [plain(document) for document in read(after, "f").documents] == [
        {**first, "run": {**(first.get("run") or {}), "token": "t-9"}},
        *others,
    ]
    lines = after.split(b"\n")
    assert sum(line not in lines for line in data.split(b"\n")) <= 1
    assert len(lines) - len(data.split(b"\n")) in {0, 1, 2}


@pytest.mark.parametrize(
    ("current", "taken", "token"),
    [
        ("1", {"2"}, "3"),
        ("0", set(), "1"),
        ("007", set(), "2026-11-29"),
        ("shared", {"2026-11-29"}, "2026-11-29.2"),
        ("2026-11-29", set(), "2026-11-29.2"),
        ("2026-11-29.2", {"2026-11-29"}, "2026-11-29.3"),
        ("9" * 40, set(), "2026-11-29"),
    ],
)
def test_a_number_is_counted_up_and_anything_else_becomes_the_date(current, taken, token):
    assert next_token(current, taken=taken, today=date(2026, 11, 29)) == token
