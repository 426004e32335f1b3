"""jsonschema-rs, set up: patterns in linear time, strict formats, nothing fetched."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from dlcapply.manifest.schema.patterns import with_readable

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator, RegexOptions

Predicate = Callable[[Any], bool]

_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
# In bytes, of one compiled pattern: far more than those of names, addresses and versions take. The worst of
# this size takes 0.3 s for 64 KiB of text.
_PATTERN_SIZE = 1 << 18


def leaf(keyword: str, value: Any) -> Predicate:
    """One keyword that looks at a value alone, as a predicate."""
    judge = compiled({keyword: value})
    return lambda instance: accepts(judge, instance)


@lru_cache(maxsize=512)
def matching(pattern: str) -> Predicate:
    """A predicate that is true of texts in which the pattern is found, as ECMA 262 reads it, in linear time.

    Raises jsonschema_rs.ValidationError where it can't be judged so.
    """
    return leaf("pattern", pattern)


def matches(pattern: str, text: str) -> bool:
    """Whether the pattern is found in the text; raises as `matching` does."""
    return matching(pattern)(text)


def compiled(schema: Mapping[str, Any]) -> Draft202012Validator:
    from jsonschema_rs import Draft202012Validator

    return Draft202012Validator(
        with_readable(schema),
        validate_formats=True,
        ignore_unknown_formats=False,
        formats=dict(FORMATS),
        retriever=_refuse,
        pattern_options=_linear(),
    )


@cache
def _linear() -> RegexOptions:
    from jsonschema_rs import RegexOptions

    return RegexOptions(size_limit=_PATTERN_SIZE, dfa_size_limit=_PATTERN_SIZE)


def _refuse(address: str) -> Any:
    raise LookupError(address)


def accepts(judge: Draft202012Validator, value: Any) -> bool:
    try:
        return judge.is_valid(value)
    except ValueError:  # half a surrogate pair, from the command line
        return False


def _is_date_time(value: str) -> bool:
    try:
        return _DATE_TIME.fullmatch(value) is not None and datetime.fromisoformat(value) is not None
    except ValueError:
        return False


def _is_regex(value: str) -> bool:
    try:
        return matching(value) is not None
    except ValueError:
        return False


# Strings only; what is not a string is the business of `type`.
FORMATS: Mapping[str, Predicate] = {"date-time": _is_date_time, "regex": _is_regex}
