from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dlcapply.model.findings import Finding, Level, Place
from dlcapply.rendering.github import github_text


def test_an_annotation_names_file_line_column_and_rule():
    finding = Finding(
        "enum",
        Level.ERROR,
        "PyTorch is no JobType",
        "write PyTorchJob",
        Place("a.yaml", 3, 5),
        "spec.JobType",
    )
    assert github_text([finding]) == (
        "::error file=a.yaml,line=3,col=5,title=enum::"
        "spec.JobType: PyTorch is no JobType%0Ahint: write PyTorchJob\n"
    )


def test_a_finding_without_a_place_has_only_its_rule():
    assert github_text([Finding("orphan", Level.WARNING, "gone")]) == "::warning title=orphan::gone\n"


def test_nothing_found_is_nothing_said():
    assert github_text([]) == ""


def test_errors_come_first_and_what_github_would_drop_is_counted():
    found = [Finding("w", Level.WARNING, str(n)) for n in range(10)]
    found += [Finding("e", Level.ERROR, str(n)) for n in range(13)]
    rows = github_text(found).splitlines()
    assert [row.partition(" ")[0] for row in rows] == ["::error"] * 10 + ["::notice"] + ["::warning"] * 10
    assert rows[10] == "::notice title=dlcapply::3 more of level error are not shown here"


def test_properties_and_data_are_escaped():
    place = Place("a:b,c%.yaml", 1, 1)
    assert github_text([Finding("r", Level.ERROR, "100%\r\n::error::x", place=place)]) == (
        "::error file=a%3Ab%2Cc%25.yaml,line=1,col=1,title=r::100%25\\r%0A::error::x\n"
    )


@given(st.text(), st.text(), st.text())
def test_no_text_begins_a_command_of_its_own(message, hint, file):
    finding = Finding("r", Level.ERROR, message, hint, Place(file or "f"))
    (row,) = github_text([finding]).split("\n")[:-1]
    assert row.startswith("::error file=")
    assert row.isprintable()


def test_a_hint_is_within_what_a_runner_keeps_of_a_message():
    long = "x\u202e" * 2_500
    (row,) = github_text([Finding("r", Level.ERROR, long, f"say why {long}", path=long)]).splitlines()
    message = row.removeprefix("::error title=r::").replace("%0A", "\n")
    assert len(message) <= 4_096
    assert "…\nhint: say why x" in message
