from __future__ import annotations

from xml.etree.ElementTree import fromstring

from hypothesis import given
from hypothesis import strategies as st

from dlcapply.model.findings import Finding, Level, Place
from dlcapply.rendering.junit import junit_text

TYPO = Finding("unknown-key", Level.ERROR, "no key PodCont", "did you mean PodCount?", Place("a.yaml", 7, 3))
OTHER_TYPO = Finding("unknown-key", Level.ERROR, "no key Imge", place=Place("a.yaml", 9, 3), path="spec")
LATEST = Finding("image-tag-latest", Level.WARNING, "the tag is latest", place=Place("a.yaml", 8, 3))


def report(*findings, files=(), fail_on=Level.ERROR):
    return fromstring(junit_text(findings, files=files, fail_on=fail_on))  # noqa: S314  # our own text


def counts(element):
    return tuple(int(element.get(name)) for name in ("tests", "failures", "errors"))


def case(root, rule):
    (found,) = root.findall(f".//testcase[@name='{rule}']")
    return found


def test_a_file_is_a_suite_and_a_broken_rule_a_failed_case():
    assert junit_text([TYPO], files=[]) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<testsuites name="dlcapply validate" tests="1" failures="1" errors="0">\n'
        '  <testsuite name="a.yaml" tests="1" failures="1" errors="0">\n'
        '    <testcase classname="a.yaml" name="unknown-key" file="a.yaml">\n'
        '      <failure message="no key PodCont" type="error">a.yaml:7:3: error: no key PodCont\n'
        "hint: did you mean PodCount?</failure>\n"
        "    </testcase>\n"
        "  </testsuite>\n"
        "</testsuites>\n"
    )


def test_a_rule_broken_twice_in_a_file_is_one_case_that_tells_both():
    failure = case(report(TYPO, OTHER_TYPO), "unknown-key").find("failure")
    assert failure.get("message") == "2 findings"
    assert failure.text.splitlines() == [
        "a.yaml:7:3: error: no key PodCont",
        "hint: did you mean PodCount?",
        "a.yaml:9:3: error: spec: no key Imge",
    ]


def test_a_warning_passes_and_is_told_all_the_same():
    root = report(TYPO, LATEST)
    assert counts(root) == counts(root.find("testsuite")) == (2, 1, 0)
    passed = case(root, "image-tag-latest")
    assert passed.find("failure") is None
    assert passed.find("system-out").text == "a.yaml:8:3: warning: the tag is latest"


def test_a_warning_fails_where_it_fails_the_command():
    failure = case(report(LATEST, fail_on=Level.WARNING), "image-tag-latest").find("failure")
    assert (failure.get("type"), failure.get("message")) == ("warning", "the tag is latest")


def test_one_rule_at_both_levels_fails_and_notes():
    softer = Finding("unknown-key", Level.WARNING, "a newer key", place=Place("a.yaml", 1, 1))
    both = case(report(TYPO, softer), "unknown-key")
    assert "no key PodCont" in both.find("failure").text
    assert both.find("system-out").text == "a.yaml:1:1: warning: a newer key"


def test_valid_files_are_passing_cases_so_that_no_green_run_is_empty():
    root = report(TYPO, files=["b.yaml", "a.yaml"])
    assert [suite.get("name") for suite in root] == ["a.yaml", "b.yaml"]
    assert counts(root) == (2, 1, 0)
    passed = case(root, "valid")
    assert (passed.get("classname"), list(passed)) == ("b.yaml", [])


def test_a_finding_without_a_place_has_a_suite_of_its_own():
    root = report(Finding("orphan", Level.ERROR, "gone"))
    assert [suite.get("name") for suite in root] == ["dlcapply"]
    assert case(root, "orphan").find("failure").text == "orphan: error: gone"


texts = st.text(max_size=20)


@given(texts, texts, texts, texts)
def test_any_text_is_xml_that_reads_back(rule, message, hint, file):
    root = report(Finding(rule, Level.ERROR, message, hint, Place(file)))
    failure = root.find(".//failure")
    assert failure.get("message").isprintable()
    assert all(row.isprintable() for row in failure.text.split("\n"))
    if message.isprintable() and hint.isprintable() and file.isprintable():
        told = f"{file}:1:1: error: {message}" + (f"\nhint: {hint}" if hint else "")
        assert failure.text == told
