"""The formats of JSON Schema that are known."""

from __future__ import annotations

import pytest

from dlcapply.manifest.effort import Effort
from dlcapply.manifest.nodes import Node
from dlcapply.manifest.schema.formats import FORMATS
from dlcapply.manifest.schema.messages import findings_of
from dlcapply.manifest.schema.validators import Validator
from dlcapply.model.findings import Place

PLACE = Place("jobs/a.yaml", 1, 1)


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("2026-12-31T00:00:00Z", True),
        ("2026-12-31T08:00:00.25+08:00", True),
        ("2026-12-31T00:00:00", False),
        ("2026-12-31", False),
        ("20261231T000000Z", False),
        ("2026-13-01T00:00:00Z", False),
        ("2026-12-31T00:00:00Z\n", False),
        ("٢٠٢٦-12-31T00:00:00Z", False),
    ],
)
def test_a_time_needs_its_zone(text: str, *, valid: bool) -> None:
    assert FORMATS["date-time"].accepts(text) is valid


@pytest.mark.parametrize("name", FORMATS)
def test_a_refused_value_is_told_in_the_words_of_the_table(name: str) -> None:
    schema = {"properties": {"a": {"format": name}}}
    validator = Validator(schema)
    assert not validator.accepts({"a": "("})
    (error,) = validator.errors({"a": "("}, Effort())
    node = Node("(", PLACE, PLACE, "(")
    (found,) = findings_of(error, Node({"a": node}, PLACE, PLACE))
    assert found.message == f"a must be {FORMATS[name].words}"
