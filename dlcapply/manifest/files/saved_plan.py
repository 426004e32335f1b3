"""Saved plans as files: read strictly, because a key that is passed over may be the one that matters."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from dlcapply import strict_json
from dlcapply.disk import read_bytes, reason
from dlcapply.errors import DlcapplyError
from dlcapply.manifest.nodes import dotted
from dlcapply.manifest.schema.shipped import DRIFT, PLAN, SAVED_PLAN, shipped
from dlcapply.manifest.schema.validators import Validator

if TYPE_CHECKING:
    from collections.abc import Mapping

_AGAIN = "make the plan again, with dlcapply plan --out"
_KIND = "SavedPlan"
_MAX_BYTES = 16 << 20  # ten times what the largest project's plan takes
_LONGEST_MESSAGE = 200


def read_saved_plan(file: str) -> Mapping[str, Any]:
    """The document of the saved plan, with the keys of its schema and no others.

    Raises DlcapplyError for a file that can't be read, or is not a saved plan.
    """
    return _checked(file, _parsed(file))


def saved_plan_of(text: bytes, name: str) -> Mapping[str, Any]:
    """As `read_saved_plan`, of a text that lies in no file; `name` is what messages call it."""
    return _checked(name, _document(name, text))


def read_plan_document(file: str) -> Mapping[str, Any]:
    """The document of `plan -o json`, or that in a saved plan; raises DlcapplyError for any other file."""
    document = _parsed(file)
    if document.get("kind") == _KIND:
        plan: Mapping[str, Any] = _checked(file, document)["plan"]
        return plan
    return _accepted(file, document, PLAN, "plan -o json")


def read_drift_document(file: str) -> Mapping[str, Any]:
    """The document of `plan --drift -o json`; raises DlcapplyError for any other file."""
    return _accepted(file, _parsed(file), DRIFT, "plan --drift -o json")


def _accepted(file: str, document: Mapping[str, Any], schema: str, command: str) -> Mapping[str, Any]:
    """The document, where it is as its schema says; it may have more keys."""
    validator = Validator(shipped(schema))
    if not validator.accepts(document):
        told = _reason(validator, document)[:_LONGEST_MESSAGE]
        raise DlcapplyError(f"{file} is not what {command} prints: {told}", hint=f"write it with {command}")
    return document


def find_saved_plan(file: str) -> Mapping[str, Any] | None:
    """The document of the saved plan; None for JSON of another kind. Raises as `read_saved_plan` does."""
    document = _parsed(file)
    return _checked(file, document) if document.get("kind") == _KIND else None


def _checked(file: str, document: Mapping[str, Any]) -> Mapping[str, Any]:
    schema = _schema()
    wanted, version = schema["properties"]["format_version"]["const"], document.get("format_version")
    if document.get("kind") == _KIND and isinstance(version, int) and version != wanted:
        raise DlcapplyError(
            f"{file} has format_version {version}, and this dlcapply reads {wanted} alone", hint=_AGAIN
        )
    validator = Validator(schema)
    if not validator.accepts(document):
        told = _reason(validator, document)[:_LONGEST_MESSAGE]
        raise DlcapplyError(f"{file} is not a saved plan of this version: {told}", hint=_AGAIN)
    return document


def _reason(validator: Validator, document: Mapping[str, Any]) -> str:
    error = next(validator.refusals(document), None)
    if error is None:
        return "it is not text"
    return f"{dotted(error.instance_path) or 'the document'}: {error.message}"


def _parsed(file: str) -> Mapping[str, Any]:
    try:
        text = read_bytes(file, _MAX_BYTES)
    except OSError as error:
        raise DlcapplyError(f"{file} can't be read: {reason(error)}") from error
    return _document(file, text)


def _document(file: str, text: bytes) -> Mapping[str, Any]:
    if len(text) > _MAX_BYTES:
        raise DlcapplyError(f"{file} is not a saved plan: it is longer than any", hint=_AGAIN)
    try:
        document = strict_json.loads(text, fraction=_finite)
    except strict_json.DuplicateKeyError as error:
        twice = f"the key {error.key[:_LONGEST_MESSAGE]} stands in one object twice"
        raise DlcapplyError(f"{file} is not a saved plan: {twice}", hint=_AGAIN) from error
    except ValueError as error:
        raise DlcapplyError(f"{file} is not a saved plan: it is not JSON", hint=_AGAIN) from error
    if not isinstance(document, dict):
        raise DlcapplyError(f"{file} is not a saved plan: it is not a JSON object", hint=_AGAIN)
    return document


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
