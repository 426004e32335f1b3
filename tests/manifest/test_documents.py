"""Every document under tests/documents has exactly the findings it expects."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dlcapply.manifest.load import LoadRequest, load
from dlcapply.manifest.rules.explanations import EXPLANATIONS

DOCUMENTS = Path(__file__).parents[1] / "documents"
EXPECTED = re.compile(r"^# expect: (\S+) line (\d+)$", re.MULTILINE)
# What takes a project file, other files, other bytes than text, or very many lines.
NEEDS_MORE_THAN_A_FILE = {
    "document",
    "freeze-overlap",
    "freeze-window",
    "glob",
    "nested-project",
    "outside-project",
    "policy-file",
    "policy:*",
    "rule-level",
    "timezone",
    "too-many",
    "unknown-environment",
    "unreadable-file",
    "unmatched-manifest",
    "unset-variable",
    "variable-value",
}


def documents(folder: str) -> list[Path]:
    return sorted((DOCUMENTS / folder).glob("*.yaml"))


def loaded(path: Path):
    return load(LoadRequest(paths=(str(path),), region="cn-hangzhou", workspace="1001"))


@pytest.mark.parametrize("path", documents("valid"), ids=lambda path: path.stem)
def test_a_valid_document_has_no_finding_and_makes_jobs(path: Path) -> None:
    result = loaded(path)
    assert result.findings == ()
    assert len(result.jobs) == result.documents > 0


@pytest.mark.parametrize("path", documents("invalid"), ids=lambda path: path.stem)
def test_an_invalid_document_has_the_findings_it_expects(path: Path) -> None:
    expected = sorted((rule, int(line)) for rule, line in EXPECTED.findall(path.read_text("utf-8")))
    result = loaded(path)
    assert sorted((item.rule, item.place.line) for item in result.findings if item.place) == expected
    assert all(item.place and item.place.file.endswith(path.name) for item in result.findings)
    assert all(item.message and "\n" not in item.message for item in result.findings)


def test_every_rule_has_an_invalid_document() -> None:
    covered = {rule for path in documents("invalid") for rule, _ in EXPECTED.findall(path.read_text("utf-8"))}
    assert set(EXPLANATIONS) - covered == NEEDS_MORE_THAN_A_FILE


def test_an_invalid_document_says_so_in_its_first_line() -> None:
    assert all(EXPECTED.match(path.read_text("utf-8")) for path in documents("invalid"))
