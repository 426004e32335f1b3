"""What of a body is nobody's business: values of variables, passwords, tokens. Their names are not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Change = Callable[[Any], Any]

STAND_IN = "******"
# In small letters: a misspelt key holds the same secret.
_MAPS = frozenset({"envs"})
_PAIRS = frozenset({"customenvs", "env"})
_SECRET_KEYS = frozenset({"auth"})  # of ImageConfig
_SECRET_WORDS = ("password", "passwd", "secret", "token", "privatekey")


def concealed(value: Any) -> Any:
    """The same JSON with a stand-in for each confidential value, also in the Content of a template."""
    hidden = changed(value, lambda _: STAND_IN)
    if isinstance(hidden, dict) and isinstance(hidden.get("Content"), str):
        return {**hidden, "Content": _concealed_text(hidden["Content"])}
    return hidden


def _concealed_text(text: str) -> str:
    try:
        return json.dumps(concealed(json.loads(text)))
    except (ValueError, RecursionError):
        return STAND_IN


def changed(value: Any, change: Change) -> Any:
    """The same JSON with each confidential value changed, always in the same order."""
    match value:
        case dict():
            return {key: _under(str(key).lower(), inner, change) for key, inner in value.items()}
        case list() | tuple():
            return [changed(one, change) for one in value]
        case _:
            return value


def _under(key: str, value: Any, change: Change) -> Any:
    """What stands under a key; of another form than it should have, all of it is confidential."""
    if value is None or isinstance(value, bool):
        return value
    if key in _MAPS and isinstance(value, dict):
        return {name: change(one) for name, one in value.items()}
    if key in _PAIRS and isinstance(value, list):
        return [_pair(one, change) for one in value]
    return change(value) if _is_secret(key) else changed(value, change)


def _is_secret(key: str) -> bool:
    return key in _MAPS | _PAIRS | _SECRET_KEYS or any(word in key for word in _SECRET_WORDS)


def _pair(value: Any, change: Change) -> Any:
    if not isinstance(value, dict):
        return change(value)
    return {key: change(one) if str(key).lower() == "value" else one for key, one in value.items()}
