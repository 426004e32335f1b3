"""Scenarios of the emulator as files: YAML, checked against their schema."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlcapply.errors import InvalidManifestsError
from dlcapply.manifest.findings import has_errors, in_order
from dlcapply.manifest.nodes import plain
from dlcapply.manifest.paths import shown_path
from dlcapply.manifest.schema.shipped import SCENARIO, schema_findings
from dlcapply.manifest.yaml.reader import read_single

if TYPE_CHECKING:
    from collections.abc import Mapping


def read_scenario_file(file: str) -> Mapping[str, Any]:
    """The document of a scenario file; raises InvalidManifestsError for what is not one."""
    path = Path(file)
    document, findings = read_single(path, shown_path(path))
    if document is not None:
        findings = (*findings, *schema_findings(document, SCENARIO, plain(document)))
    if document is None or has_errors(findings):
        raise InvalidManifestsError(in_order(findings))
    value: Mapping[str, Any] = plain(document)
    return value
