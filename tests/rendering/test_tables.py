from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dlcapply.one_line import printable
from dlcapply.rendering.text.lines import Span, Style, cells, to_text, width_of
from dlcapply.rendering.text.tables import Column, Cut, Row, lay_out, table_lines

COLUMNS = (
    Column("NAME", cut=Cut.MIDDLE, least=12),
    Column("STATUS", cut=Cut.END, least=10),
    Column("JOBID", goes=1),
    Column("AGE", goes=3, is_number=True),
    Column("PODS", goes=2),
)
LONG = "team-vision-resnet50-imagenet-baseline-lr0001"
ROWS = (
    Row((LONG, "Failed: OOM, exit 137", "dlc1abcdef", "2h", "1/8"), notes=("its last words were many",)),
    Row(("bert", Span("Running", Style.AGAIN), "dlc2", "12m", "")),
)


def shown(width):
    return to_text(table_lines(COLUMNS, ROWS, width))


def test_a_table_is_as_wide_as_it_is_where_nobody_says_how_wide():
    assert shown(None) == (
        f"{'NAME':<45}  STATUS                 JOBID       AGE  PODS\n"
        f"{LONG}  Failed: OOM, exit 137  dlc1abcdef   2h  1/8\n"
        "    its last words were many\n"
        f"{'bert':<45}  Running                dlc2        12m\n"
    )


def test_where_it_is_narrow_names_lose_their_middle_and_other_cells_their_end():
    assert shown(60) == (
        "NAME                 STATUS            JOBID       AGE  PODS\n"
        "team-visi…ne-lr0001  Failed: OOM, ex…  dlc1abcdef   2h  1/8\n"
        "    its last words were many\n"
        "bert                 Running           dlc2        12m\n"
    )


def test_columns_go_in_their_order_and_what_decides_stays():
    widths = (80, 47, 46, 36, 30, 4)
    assert [lay_out(COLUMNS, ROWS, width).left_out for width in widths] == [
        (),
        (),
        ("AGE",),
        ("AGE", "PODS"),
        ("JOBID", "AGE", "PODS"),
        ("JOBID", "AGE", "PODS"),
    ]


def test_a_column_that_says_nothing_is_no_column():
    table = lay_out(COLUMNS, [Row(("x", "", "-", "", "1/1"))], 80)
    assert to_text([table.header]) == "NAME  STATUS  PODS\n"
    assert table.left_out == ()


def test_a_command_below_a_row_is_whole_whatever_the_width():
    command = "dlcapply rerun a-name-that-is-long --reason 'of a reason'"
    rows = [Row(("x", "Failed", "dlc1", "", ""), notes=(Span(command, Style.COMMAND),))]
    assert to_text(table_lines(COLUMNS, rows, 30)).splitlines()[-1] == f"    {command}"


def test_what_no_name_can_be_widens_no_other_row():
    rows = [Row(("x" * 70_000, "Running", "dlc1", "1h", "")), Row(("y", "Failed", "dlc2", "2h", ""))]
    header, long, short = to_text(table_lines(COLUMNS, rows, None)).splitlines()
    assert len(long) < 300
    assert short == "y     Failed   dlc2    2h"
    assert header.startswith("NAME  STATUS")


texts = st.text(alphabet="ab文-\x1b\n ", max_size=60)
grids = st.tuples(texts, texts, st.just("dlc1abcdef"), texts, texts)
rows_of_texts = st.lists(st.builds(Row, grids, st.lists(texts, max_size=2).map(tuple)), max_size=4)


@given(rows_of_texts, st.integers(8, 120))
def test_no_line_is_ever_wider_and_no_job_id_is_cut(rows, width):
    table = lay_out(COLUMNS, rows, width)
    assert all(width_of(one) <= width for one in table.lines)
    assert len(table.rows) == len(rows)
    for lines in table.rows:
        assert ("dlc1abcdef" in to_text([lines[0]])) == ("JOBID" not in table.left_out)


@given(rows_of_texts, st.integers(8, 120))
def test_a_note_loses_no_character_however_narrow(rows, width):
    for row, lines in zip(rows, lay_out(COLUMNS, rows, width).rows, strict=True):
        told = to_text(lines[1:]).replace("\n", "").replace(" ", "")
        assert told == printable("".join(row.notes)).replace(" ", "")


@given(st.lists(st.text(alphabet="ab", min_size=20, max_size=40), min_size=2, max_size=8, unique=True))
def test_two_names_never_look_the_same(names):
    table = lay_out((Column("NAME", cut=Cut.MIDDLE),), [Row((name,)) for name in names], 16)
    assert len({lines[0][0].text for lines in table.rows}) == len(names)


def test_names_that_differ_in_the_middle_show_where():
    names = [f"team-vision-resnet50-lr{step}-imagenet-baseline-final" for step in (1, 2)]
    table = lay_out((Column("NAME", cut=Cut.MIDDLE),), [Row((name,)) for name in names], 20)
    assert to_text(table.lines) == "NAME\n…t50-lr1-imagenet-b…\n…t50-lr2-imagenet-b…\n"


def test_names_that_have_no_row_are_told_apart_too():
    names = [f"team-vision-resnet50-lr{step}-imagenet-baseline-final" for step in (1, 2)]
    table = lay_out((Column("NAME", cut=Cut.MIDDLE),), [Row((names[0],))], 20, known=names)
    assert to_text(table.lines) == "NAME\n…t50-lr1-imagenet-b…\n"


def test_what_was_cut_and_decides_is_told_whole_below():
    columns = (Column("STATUS", cut=Cut.END, is_told_whole=True), Column("JOBID"))
    rows = [Row(("Failed: ImagePullBackOff", "dlc1")), Row(("Failed: exit 1", "dlc2"), notes=("why",))]
    told = to_text(table_lines(columns, rows, 24)).splitlines()
    assert told[1:] == [
        "Failed: ImagePul…  dlc1",
        "    Failed:",
        "    ImagePullBackOff",
        "Failed: exit 1     dlc2",
        "    why",
    ]


def test_a_wide_character_takes_two_columns():
    table = lay_out(COLUMNS[:2], [Row(("訓練" * 10, "失敗" * 10)), Row(("x", "Running"))], 30)
    assert all(cells(to_text([one]).rstrip("\n")) <= 30 for one in table.lines)
    assert "…" in to_text(table.lines)
