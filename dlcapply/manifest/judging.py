"""JSON Schemas as judges: a fast one decides, and a slow one finds the words for its no.

Most documents are valid, so the slow one is not even imported for most runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from dlcapply.manifest.effort import Effort, TooMuchEffortError
from dlcapply.manifest.patterns import with_readable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema import ValidationError
    from jsonschema_rs import Draft202012Validator, RegexOptions
    from jsonschema_rs import ValidationError as Refusal

    from dlcapply.manifest.explaining import Explainer

Predicate = Callable[[Any], bool]

_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
# In bytes, of one compiled pattern: far more than those of names, addresses and versions take. The worst of
# this size takes 0.3 s for 64 KiB of text.
_PATTERN_SIZE = 1 << 18


class Judge:
    """One schema, compiled.

    Raises jsonschema_rs.ValidationError where the schema is none, refers to another one (nothing is ever
    fetched), names an unknown format, or holds a pattern that can't be judged in linear time.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema
        self._fast = _compiled(schema)

    def accepts(self, value: Any) -> bool:
        """Whether the schema allows the value: this alone decides."""
        return _accepts(self._fast, value)

    def refusals(self, value: Any) -> Iterator[Refusal]:
        """What the schema has against the value, briefly; nothing where the value is not even text.

        Not for schemas whose alternatives multiply: each refusal holds those of every alternative.
        """
        try:
            yield from self._fast.iter_errors(value)
        except UnicodeEncodeError:
            return

    def refusal(self, value: Any, effort: Effort) -> Refusal | None:
        """The first refusal, for where `errors` found none; None where that would take too much too."""
        return None if effort.is_spent else next(self.refusals(value), None)

    def errors(self, value: Any, effort: Effort) -> Iterator[ValidationError]:
        """The same with all that words are made of, as far as the effort goes.

        There may be none although the value is not accepted: see `refusal`.
        """
        from referencing.exceptions import Unresolvable

        effort.begin()
        try:
            yield from self._explainer.errors(value, effort)
        except (TooMuchEffortError, Unresolvable, RecursionError, ArithmeticError, ValueError):
            return

    @cached_property
    def _explainer(self) -> Explainer:
        from dlcapply.manifest.explaining import Explainer

        return Explainer(self._schema)


def leaf(keyword: str, value: Any) -> Predicate:
    """One keyword that looks at a value alone, as a predicate."""
    judge = _compiled({keyword: value})
    return lambda instance: _accepts(judge, instance)


@lru_cache(maxsize=512)
def matching(pattern: str) -> Predicate:
    """A predicate that is true of texts in which the pattern is found, as ECMA 262 reads it, in linear time.

    Raises jsonschema_rs.ValidationError where it can't be judged so.
    """
    return leaf("pattern", pattern)


def matches(pattern: str, text: str) -> bool:
    """Whether the pattern is found in the text; raises as `matching` does."""
    return matching(pattern)(text)


def _compiled(schema: Mapping[str, Any]) -> Draft202012Validator:
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


def _accepts(judge: Draft202012Validator, value: Any) -> bool:
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
