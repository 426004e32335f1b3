"""JSON Schemas as judges: a fast one that only says yes or no, and a slow one that says what is wrong.

Most documents are valid, so the slow one is not even imported for most runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

Predicate = Callable[[Any], bool]

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def accepting(schema: Mapping[str, Any]) -> Predicate:
    """A predicate that is true of values that the schema allows; where it is false, `explaining` decides.

    jsonschema_rs.ValidationError where the schema is none, or refers to another one: nothing is ever fetched.
    """
    from jsonschema_rs import Draft202012Validator

    judge = Draft202012Validator(
        dict(schema), validate_formats=True, formats=dict(FORMATS), retriever=_refuse
    )
    return lambda value: _accepts(judge.is_valid, value)


def _refuse(address: str) -> Any:
    raise LookupError(address)


def _accepts(judge: Predicate, value: Any) -> bool:
    try:
        return judge(value)
    except ValueError:  # half a surrogate pair, from the command line
        return False


def explaining(schema: Mapping[str, Any]) -> Draft202012Validator:
    """A validator that names every error; its registry holds no other schema and asks nobody."""
    from jsonschema import Draft202012Validator, FormatChecker
    from referencing import Registry

    formats = FormatChecker(formats=())
    for name, holds in FORMATS.items():
        formats.checks(name)(lambda value, holds=holds: not isinstance(value, str) or holds(value))
    return Draft202012Validator(schema, registry=Registry(), format_checker=formats)


def _is_date_time(value: str) -> bool:
    try:
        return _DATE_TIME.fullmatch(value) is not None and datetime.fromisoformat(value) is not None
    except ValueError:
        return False


def _is_regex(value: str) -> bool:
    try:
        return re.compile(value) is not None
    except re.error:
        return False


# Strings only; what is no string is the business of `type`.
FORMATS: Mapping[str, Predicate] = {"date-time": _is_date_time, "regex": _is_regex}
