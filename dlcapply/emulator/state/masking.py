"""Which values of a body are confidential: those of variables, passwords and tokens, but not their names.

The request log shows a stand-in for each; the state keeps them encrypted.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    Change = Callable[[Any], Any]
    Kind = Literal["values", "pairs", "secret", "more"]

STAND_IN = "******"
# In small letters: a misspelt key holds the same secret.
_MAPS = frozenset({"envs"})
_PAIRS = frozenset({"customenvs", "env"})
_SECRET_KEYS = frozenset({"auth"})  # of ImageConfig
_SECRET_WORDS = ("password", "passwd", "secret", "token", "privatekey")


def masked(value: Any) -> Any:
    """The JSON with a stand-in for each confidential value, also in the Content of a template."""
    hidden = substituted(value, lambda _: STAND_IN)
    if isinstance(hidden, dict) and isinstance(hidden.get("Content"), str):
        return {**hidden, "Content": _masked_text(hidden["Content"])}
    return hidden


def _masked_text(text: str) -> str:
    try:
        return json.dumps(masked(json.loads(text)))
    except (ValueError, RecursionError):
        return STAND_IN


def substituted(value: Any, change: Change) -> Any:
    """The JSON with `change` applied to each confidential value, always in the same order."""
    match value:
        case dict():
            return {key: _under(_kind(key), inner, change) for key, inner in value.items()}
        case list() | tuple():
            return [substituted(one, change) for one in value]
        case _:
            return value


@lru_cache(maxsize=4096)  # each key of each job that is stored or read comes by
def _kind(key: str) -> Kind:
    """What the value of a key holds."""
    small = key.lower()
    if small in _MAPS:
        return "values"
    if small in _PAIRS:
        return "pairs"
    is_secret = small in _SECRET_KEYS or any(word in small for word in _SECRET_WORDS)
    return "secret" if is_secret else "more"


def _under(kind: Kind, value: Any, change: Change) -> Any:
    """The changed value of a key; where it does not have the expected form, all of it is confidential."""
    if value is None or isinstance(value, bool):
        return value
    if kind == "more":
        return substituted(value, change) if isinstance(value, dict | list | tuple) else value
    if kind == "values" and isinstance(value, dict):
        return {name: change(one) for name, one in value.items()}
    if kind == "pairs" and isinstance(value, list):
        return [_pair(one, change) for one in value]
    return change(value)


def _pair(value: Any, change: Change) -> Any:
    if not isinstance(value, dict):
        return change(value)
    return {key: change(one) if str(key).lower() == "value" else one for key, one in value.items()}
