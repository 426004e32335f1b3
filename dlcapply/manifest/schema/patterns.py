r"""Patterns of ECMA 262, matched in linear time: spelt as jsonschema-rs has to read them.

jsonschema-rs translates `\d`, `\w`, `\s` and classes, and leaves the rest to Rust's regular expressions.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from dlcapply.manifest.schema.keywords import within

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jsonschema_rs import Draft202012Validator, RegexOptions

# In bytes, of one compiled pattern: far more than those of names, addresses and versions take. The worst of
# this size takes 0.3 s for 64 KiB of text.
_PATTERN_SIZE = 1 << 18
_TOKEN = re.compile(r"\\.|\[\^?\]|\[(?:\\.|[^\]\\])*\]|\.", re.DOTALL)
_DOT_IS_ALL = re.compile(r"\(\?[a-zA-Z]*s")
_DOT = {".": r"[^\n\r\u2028\u2029]"}  # ECMA 262, LineTerminator
_NEVER = "(?!)"  # look-around, which the engine refuses
# What Rust reads by Unicode, has beyond ECMA 262, or reads as something else: empty classes too.
_READ_OTHERWISE = {
    r"\b": r"(?-u:\b)",
    r"\B": r"(?-u:\B)",
    **dict.fromkeys((r"\A", r"\z", r"\<", r"\>", "[]", "[^]"), _NEVER),
}


@lru_cache(maxsize=512)
def matching(pattern: str) -> Callable[[Any], bool]:
    """A predicate that is true of texts in which the pattern is found, as ECMA 262 reads it, in linear time.

    Raises jsonschema_rs.ValidationError for a pattern that can't be.
    """
    from jsonschema_rs import Draft202012Validator

    engine = Draft202012Validator({"pattern": readable(pattern)}, pattern_options=linear())
    return lambda text: accepts(engine, text)


def matches(pattern: str, text: str) -> bool:
    """Whether the pattern is found in the text; raises as `matching` does."""
    return matching(pattern)(text)


def accepts(engine: Draft202012Validator, value: Any) -> bool:
    """Whether the compiled schema allows the value."""
    try:
        return engine.is_valid(value)
    except ValueError:  # half a surrogate pair, from the command line
        return False


@cache
def linear() -> RegexOptions:
    """How jsonschema-rs has to read patterns: no look-around, no back references, in linear time."""
    from jsonschema_rs import RegexOptions

    return RegexOptions(size_limit=_PATTERN_SIZE, dfa_size_limit=_PATTERN_SIZE)


def readable(pattern: str) -> str:
    """The pattern as the engine must have it; one that it refuses where it can't have the same meaning."""
    words = _READ_OTHERWISE | ({} if _DOT_IS_ALL.search(pattern) else _DOT)
    return _TOKEN.sub(lambda token: words.get(token[0], token[0]), pattern)


def with_readable(schema: Any) -> Any:
    """The schema, with each of its patterns readable; what is malformed stays as it is."""
    if not isinstance(schema, dict):
        return schema
    result = dict(schema)
    for path, inner in within(schema):
        key = path[0]
        if len(path) == 1:
            result[key] = with_readable(inner)
            continue
        if result[key] is schema[key]:
            result[key] = schema[key].copy()
        result[key][path[1]] = with_readable(inner)
    if isinstance(schema.get("pattern"), str):
        result["pattern"] = readable(schema["pattern"])
    if isinstance(result.get("patternProperties"), dict):
        result["patternProperties"] = _by_pattern(result["patternProperties"])
    return result


def _by_pattern(schemas: Mapping[str, Any]) -> dict[str, Any]:
    """Two patterns may become one: then both schemas hold."""
    result: dict[str, Any] = {}
    for pattern, schema in schemas.items():
        key = readable(pattern)
        result[key] = {"allOf": [result[key], schema]} if key in result else schema
    return result
