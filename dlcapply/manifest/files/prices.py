"""The file of prices that a project names: what an hour of each instance type costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.manifest.findings import bounded
from dlcapply.manifest.nodes import plain, string
from dlcapply.manifest.schema.shipped import PRICES, schema_findings
from dlcapply.manifest.yaml.reader import read_own
from dlcapply.model.jobs import Prices

if TYPE_CHECKING:
    from pathlib import Path

    from dlcapply.manifest.nodes import Node
    from dlcapply.model.findings import Finding

_CURRENCY = "currency"


def read_prices(root: Path, name: Node | None) -> tuple[Prices | None, tuple[Finding, ...]]:
    """The prices in the file of that name in the project; what is wrong with the file is a finding.

    None where the project names no file, or one that can't be used: then nothing has a price.
    """
    if name is None:
        return None, ()
    document, findings = read_own(root / string(name), root)
    if document is None:
        return None, findings
    value = plain(document)
    findings = (*findings, *bounded(schema_findings(document, PRICES, value), document.place))
    if findings:
        return None, findings
    per_hour = {kind: float(price) for kind, price in value.items() if kind != _CURRENCY}
    return Prices(per_hour, value.get(_CURRENCY, "")), ()
