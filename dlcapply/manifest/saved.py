"""Saved plans as files: read strictly, because a key that is passed over may be the one that matters."""

from __future__ import annotations

import json
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlcapply.errors import DlcapplyError
from dlcapply.manifest.judging import accepting, explaining
from dlcapply.manifest.schemas import PLAN, SAVED_PLAN, shipped

if TYPE_CHECKING:
    from collections.abc import Mapping

_AGAIN = "make the plan again, with dlcapply plan --out"
_MAX_BYTES = 64 * 1024 * 1024
_LONGEST_MESSAGE = 200


def read_saved_plan(file: str) -> Mapping[str, Any]:
    """The document of a saved plan that its schema allows, with no key that is not in it.

    Raises DlcapplyError for a file that can't be read, or is not one.
    """
    document = _parsed(file)
    schema = _schema()
    if not accepting(schema)(document):
        errors = (
            (list(map(str, error.path)), error.message) for error in explaining(schema).iter_errors(document)
        )
        path, message = min(errors, default=([], "it is not as its schema says"))
        where = ".".join(path) or "the document"
        told = f"{where}: {message}"[:_LONGEST_MESSAGE]
        raise DlcapplyError(f"{file} is not a saved plan of this version: {told}", hint=_AGAIN)
    return document


def _parsed(file: str) -> Mapping[str, Any]:
    try:
        with Path(file).open("rb") as stream:
            text = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise DlcapplyError(f"{file} can't be read: {error.strerror}") from error
    if len(text) > _MAX_BYTES:
        raise DlcapplyError(f"{file} is not a saved plan: it is longer than any", hint=_AGAIN)
    try:
        document = json.loads(
            text, parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_without_duplicates
        )
    except _DuplicateKeyError as error:
        raise DlcapplyError(f"{file} is not a saved plan: {error}", hint=_AGAIN) from error
    except (ValueError, RecursionError) as error:
        raise DlcapplyError(f"{file} is not a saved plan: it is not JSON", hint=_AGAIN) from error
    if not isinstance(document, dict):
        raise DlcapplyError(f"{file} is not a saved plan: it is not a JSON object", hint=_AGAIN)
    return document


class _DuplicateKeyError(ValueError):
    """Two values for one key: readers take the first or the last, and none says so."""


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key, value in pairs:
        if key in mapping:
            raise _DuplicateKeyError(f"the key {key[:_LONGEST_MESSAGE]} stands in one object twice")
        mapping[key] = value
    return mapping


def _no_constant(text: str) -> None:
    raise ValueError(text)


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(text)
    return number


def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = shipped(SAVED_PLAN)
    return {**schema, "properties": {**schema["properties"], "plan": _closed(shipped(PLAN))}}


def _closed(schema: Any) -> Any:
    """The schema without room for keys that it does not name."""
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and "additionalProperties" not in schema:
        closed["additionalProperties"] = False
    return closed
