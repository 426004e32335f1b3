"""A JSON Schema as a validator made of two engines: jsonschema-rs decides, jsonschema says what is wrong.

jsonschema-rs is fast, and its patterns take linear time whoever writes them, so that it alone says yes or no.
jsonschema finds every error with all that a message is made of; most documents are valid, so most runs never
import it. Where the two disagree, the answer stays no: an error that only jsonschema finds is never looked
for, and where it finds none, the message is made of what jsonschema-rs says.
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

    Raises jsonschema_rs.ValidationError where it is not a schema, refers to another one (nothing is ever
    fetched), names an unknown format, or holds a pattern that can't be matched in linear time.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema
        self._fast = compiled(schema)

    def accepts(self, value: Any) -> bool:
        """Whether the schema allows the value: this alone decides."""
        return accepts(self._fast, value)

    def refusals(self, value: Any) -> Iterator[Refusal]:
        """What jsonschema-rs says against the value; nothing where the value is not valid Unicode.

        Not for schemas whose alternatives multiply: each refusal holds those of every alternative.
        """
        try:
            yield from self._fast.iter_errors(value)
        except UnicodeEncodeError:
            return

    def refusal(self, value: Any, effort: Effort) -> Refusal | None:
        """The first refusal, for where `errors` found none; None where the effort is spent."""
        return None if effort.is_spent else next(self.refusals(value), None)

    def errors(self, value: Any, effort: Effort) -> Iterator[ValidationError]:
        """What jsonschema says against the value, in the detail that messages need, while effort is left.

        There may be no errors although the value is not accepted: then ask for the `refusal`.
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
