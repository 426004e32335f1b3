"""Findings as a JUnit report, for the test views of Jenkins, GitLab and their like.

A file is a suite and a rule that it breaks a test case: neither name holds a line number, so that a CI system
can tell what is new from what only moved. GitLab keeps one case of each name; a rule is listed once.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from dlcapply.model.findings import Level
from dlcapply.one_line import printable
from dlcapply.rendering.finding_text import advice, statement
from dlcapply.rendering.text.words import counted
from dlcapply.runners import disarmed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dlcapply.model.findings import Finding

    Cases = dict[str, list[Finding]]

_NO_FILE = "dlcapply"  # the suite of findings that no file is to blame for
_VALID = "valid"


def junit_text(findings: Iterable[Finding], *, files: Iterable[str], fail_on: Level = Level.ERROR) -> str:
    """A suite for each file; findings that count fail their case, other ones are its output.

    `files` are those that were looked at: where nothing is found, one passing case says so.
    """
    suites: dict[str, Cases] = {file: {} for file in files}
    for finding in findings:
        suite = suites.setdefault(finding.place.file if finding.place else _NO_FILE, {})
        suite.setdefault(finding.rule, []).append(finding)
    root = Element("testsuites", name="dlcapply validate")
    for file, cases in sorted(suites.items()):
        _add_suite(root, file, cases or {_VALID: []}, fail_on)
    _count(root)
    indent(root)
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'
    return disarmed(text, colon="&#58;", bracket="&#91;")


def _add_suite(root: Element, file: str, cases: Cases, fail_on: Level) -> None:
    name = printable(file)
    suite = SubElement(root, "testsuite", name=name)
    for rule, found in cases.items():
        case = SubElement(suite, "testcase", classname=name, name=printable(rule), file=name)
        _fill(case, found, fail_on)
    _count(suite)


def _fill(case: Element, found: Iterable[Finding], fail_on: Level) -> None:
    by_verdict: defaultdict[bool, list[Finding]] = defaultdict(list)
    for finding in found:
        by_verdict[finding.level.fails(fail_on)].append(finding)
    if failed := by_verdict[True]:
        message = printable(statement(failed[0])) if len(failed) == 1 else counted(len(failed), "finding")
        SubElement(case, "failure", message=message, type=failed[0].level).text = _lines(failed)
    if noted := by_verdict[False]:
        SubElement(case, "system-out").text = _lines(noted)


def _lines(found: Iterable[Finding]) -> str:
    rows = (f"{finding.place or finding.rule}: {finding.level}: {advice(finding)}" for finding in found)
    return "\n".join(printable(part) for row in rows for part in row.split("\n"))


def _count(element: Element) -> None:
    cases = element.findall(".//testcase")
    failures = sum(case.find("failure") is not None for case in cases)
    for name, count in (("tests", len(cases)), ("failures", failures), ("errors", 0)):
        element.set(name, str(count))
