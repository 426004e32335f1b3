"""Findings as a SARIF 2.1.0 log, for code scanning and for editors."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dlcapply.rendering.finding_text import advice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dlcapply.manifest.rules.explanations import Explanation
    from dlcapply.model.findings import Finding, Place

    Explain = Callable[[str], Explanation | None]

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
# The name by which upload actions know the root of the checkout.
ROOT = "%SRCROOT%"
# A viewer matches a finding with yesterday's by it; the version is the algorithm's.
_FINGERPRINT = "dlcapply/v1"

Document = dict[str, Any]


def sarif_document(
    findings: Sequence[Finding], *, waived: Sequence[Finding] = (), version: str, explain: Explain
) -> Document:
    """A log of one run: each finding a result, each broken rule with its explanation; waived ones suppressed.

    Files of findings are relative to the root of the repository, or absolute outside it.
    """
    told = (*findings, *waived)
    rules = sorted({finding.rule for finding in told})
    index = {rule: number for number, rule in enumerate(rules)}
    driver = {
        "name": "dlcapply",
        "semanticVersion": version,
        "rules": [_rule(rule, explain) for rule in rules],
    }
    results = [
        {**_result(finding), "ruleIndex": index[finding.rule], "partialFingerprints": {_FINGERPRINT: mark}}
        for finding, mark in zip(told, _fingerprints(told), strict=True)
    ]
    for result in results[len(findings) :]:
        result["suppressions"] = [{"kind": "inSource"}]
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository."}}},
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: str, explain: Explain) -> Document:
    known = explain(rule)
    if known is None:
        return {"id": rule}
    return {
        "id": rule,
        "shortDescription": {"text": known.summary},
        "fullDescription": {"text": _first_paragraph(known.text)},
        "help": {"text": _help(known, fence=""), "markdown": _help(known, fence="```")},
        "defaultConfiguration": {"level": known.level.value},
    }


def _first_paragraph(text: str) -> str:
    return " ".join(text.partition("\n\n")[0].split())


def _help(known: Explanation, *, fence: str) -> str:
    """The explanation with its examples; with a fence around each, it is Markdown."""
    opening, closing = (f"{fence}yaml\n", f"\n{fence}") if fence else ("", "")
    examples = [("Bad:", known.bad), ("Good:", known.good)]
    shown = [f"{title}\n\n{opening}{code.rstrip()}{closing}" for title, code in examples if code]
    return "\n\n".join([known.text, *shown])


def _result(finding: Finding) -> Document:
    result: Document = {
        "ruleId": finding.rule,
        "level": finding.level.value,
        "message": {"text": advice(finding)},
    }
    if finding.place:
        result["locations"] = [_location(finding.place, finding.path)]
    return result


def _location(place: Place, path: str) -> Document:
    physical = {
        "artifactLocation": _artifact(place.file),
        "region": {"startLine": place.line, "startColumn": place.column},
    }
    logical = {"logicalLocations": [{"fullyQualifiedName": path}]} if path else {}
    return {"physicalLocation": physical, **logical}


def _artifact(file: str) -> Document:
    address = quote(file.encode("utf-8", "surrogateescape"))
    if file.startswith("/"):
        return {"uri": f"file://{address}"}
    return {"uri": address, "uriBaseId": ROOT}


def _fingerprints(findings: Iterable[Finding]) -> Iterable[str]:
    """What stays the same when lines move: the rule, the file, the path, and which of several it is."""
    seen: Counter[tuple[str, str, str]] = Counter()
    for finding in findings:
        identity = (finding.rule, finding.place.file if finding.place else "", finding.path)
        seen[identity] += 1
        text = "\0".join((*identity, str(seen[identity])))
        yield sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
