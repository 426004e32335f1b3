from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

FOLDER = Path(__file__).parents[2] / "schemas"
ROOTS = ("job", "base", "project")

FORMATS = FormatChecker(formats=["regex"])


@FORMATS.checks("date-time", raises=ValueError)
def is_date_time(value: Any) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@pytest.fixture(scope="session")
def schemas() -> dict[str, dict[str, Any]]:
    return {name: json.loads((FOLDER / f"{name}.v1.schema.json").read_text("utf-8")) for name in ROOTS}


@pytest.fixture(scope="session")
def problems(schemas):
    """The errors of a document as sorted `path keyword` lines; formats count."""
    registry = Registry().with_resources(
        (schema["$id"], Resource.from_contents(schema)) for schema in schemas.values()
    )
    validators = {
        name: Draft202012Validator(schema, registry=registry, format_checker=FORMATS)
        for name, schema in schemas.items()
    }

    def listed(document: Any, name: str = "job") -> list[str]:
        errors = validators[name].iter_errors(document)
        return sorted(f"{error.json_path} {error.validator or 'false'}" for error in errors)

    return listed
