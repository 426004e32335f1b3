from __future__ import annotations

from dlcapply.model.findings import Finding, Level, Place
from dlcapply.rendering.text.findings import LEVEL_STYLES, finding_lines, validation_lines
from dlcapply.rendering.text.lines import to_text

UNKNOWN_KEY = Finding(
    "unknown-key",
    Level.ERROR,
    "unknown key PodCont",
    "did you mean PodCount?",
    Place("jobs/bert.yaml", 17, 7),
    "spec.JobSpecs[0]",
)
NO_LIMIT = Finding("no-limit", Level.WARNING, "nothing bounds bert", place=Place("jobs/bert.yaml"))


def test_a_finding_names_place_level_rule_path_message_and_hint():
    assert to_text(finding_lines([UNKNOWN_KEY])) == (
        "jobs/bert.yaml:17:7  error  unknown-key  spec.JobSpecs[0]: unknown key PodCont\n"
        "    hint: did you mean PodCount?\n"
    )


def test_a_finding_without_place_path_or_hint_is_one_line():
    finding = Finding("orphan", Level.WARNING, "no manifest declares dlc1 any more")
    assert to_text(finding_lines([finding])) == "warning  orphan  no manifest declares dlc1 any more\n"


def test_a_path_is_not_said_twice():
    finding = Finding("missing-key", Level.ERROR, "spec.JobType is missing", path="spec.JobType")
    assert to_text(finding_lines([finding])) == "error  missing-key  spec.JobType is missing\n"


def test_a_finding_cannot_forge_another():
    finding = Finding("x", Level.WARNING, "a\nerror  y  \x1b[31mb")
    assert to_text(finding_lines([finding])) == "warning  x  a\\nerror  y  \\u001b[31mb\n"


SOURCES = {"jobs/bert.yaml": "      PodCont: 4"}


def source(place):
    return SOURCES.get(place.file)


def test_a_finding_shows_its_source_line_between_message_and_hint():
    assert to_text(finding_lines([UNKNOWN_KEY], source=source)) == (
        "jobs/bert.yaml:17:7  error  unknown-key  spec.JobSpecs[0]: unknown key PodCont\n"
        "    17 |       PodCont: 4\n"
        "       |       ^\n"
        "    hint: did you mean PodCount?\n"
    )


def test_findings_of_a_file_stand_together_and_files_apart():
    other = Finding("x", Level.ERROR, "other", place=Place("jobs/gpt.yaml", 2, 1))
    nowhere = Finding("y", Level.ERROR, "nowhere")
    assert to_text(finding_lines([NO_LIMIT, other, nowhere, NO_LIMIT])) == (
        "jobs/bert.yaml:1:1  warning  no-limit  nothing bounds bert\n"
        "jobs/bert.yaml:1:1  warning  no-limit  nothing bounds bert\n"
        "\n"
        "jobs/gpt.yaml:2:1  error  x  other\n"
        "\n"
        "error  y  nowhere\n"
    )


def verdict(*findings, files=1, documents=1, **more):
    return to_text(validation_lines(findings, files=files, documents=documents, **more)).splitlines()[-1]


def test_the_verdict_comes_last():
    assert verdict(files=12, documents=9) == "12 files, 9 documents: valid"
    assert verdict(files=1, documents=1) == "1 file, 1 document: valid"
    assert verdict(NO_LIMIT, files=2, documents=3) == "2 files, 3 documents: valid, with 1 warning"
    assert (
        verdict(UNKNOWN_KEY, UNKNOWN_KEY, NO_LIMIT, files=12, documents=9) == "2 errors, 1 warning in 1 file"
    )
    assert verdict(UNKNOWN_KEY, files=1, documents=1) == "1 error in 1 file"


def test_a_warning_is_no_valid_manifest_where_it_fails_the_command():
    assert verdict(NO_LIMIT, fail_on=Level.WARNING) == "1 warning in 1 file"
    assert verdict(fail_on=Level.WARNING) == "1 file, 1 document: valid"


def test_what_is_waived_is_counted():
    assert verdict(waived=2) == "1 file, 1 document: valid, 2 findings waived"
    assert verdict(UNKNOWN_KEY, waived=1) == "1 error in 1 file, 1 finding waived"


def test_findings_stand_above_the_verdict():
    assert to_text(validation_lines([NO_LIMIT], files=1, documents=1)) == (
        "jobs/bert.yaml:1:1  warning  no-limit  nothing bounds bert\n"
        "\n"
        "1 file, 1 document: valid, with 1 warning\n"
    )


def test_every_level_has_a_style():
    assert set(LEVEL_STYLES) == set(Level)
