"""JSON Schemas as judges: a fast one decides, and a slow one finds the words for its no.

Most documents are valid, so the slow one is not even imported for most runs.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from dlcapply.manifest.effort import Effort, TooMuchEffortError
from dlcapply.manifest.schema.engine import compiled
from dlcapply.manifest.schema.patterns import accepts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jsonschema import ValidationError
    from jsonschema_rs import ValidationError as Refusal

    from dlcapply.manifest.schema.error_finder import ErrorFinder


class Validator:
    """One schema, compiled.

    Raises jsonschema_rs.ValidationError where the schema is none, refers to another one (nothing is ever
    fetched), names an unknown format, or holds a pattern that can't be judged in linear time.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema
        self._fast = compiled(schema)

    def accepts(self, value: Any) -> bool:
        """Whether the schema allows the value: this alone decides."""
        return accepts(self._fast, value)

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
            yield from self._finder.errors(value, effort)
        except (TooMuchEffortError, Unresolvable, RecursionError, ArithmeticError, ValueError):
            return

    @cached_property
    def _finder(self) -> ErrorFinder:
        from dlcapply.manifest.schema.error_finder import ErrorFinder

        return ErrorFinder(self._schema)
