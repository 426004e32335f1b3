"""jsonschema-rs, set up: patterns in linear time, strict formats, nothing fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcapply.manifest.schema.formats import FORMATS
from dlcapply.manifest.schema.patterns import accepts, linear, with_readable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jsonschema_rs import Draft202012Validator


def compiled(schema: Mapping[str, Any]) -> Draft202012Validator:
    """The schema as jsonschema-rs evaluates it; raises its ValidationError where it can't."""
    from jsonschema_rs import Draft202012Validator

    return Draft202012Validator(
        with_readable(schema),
        validate_formats=True,
        ignore_unknown_formats=False,
        formats={name: known.accepts for name, known in FORMATS.items()},
        retriever=_refuse,
        pattern_options=linear(),
    )


def _refuse(address: str) -> Any:
    raise LookupError(address)


def leaf(keyword: str, value: Any) -> Callable[[Any], bool]:
    """One keyword that looks at a value alone, as a predicate."""
    engine = compiled({keyword: value})
    return lambda instance: accepts(engine, instance)
