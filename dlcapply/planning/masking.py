"""What a plan may show of a value: secrets never, by their field, their name or their origin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcapply.planning.fields import FIELDS
from dlcapply.secrecy import is_secret_name, without_tokens

if TYPE_CHECKING:
    from collections.abc import Collection

MASK = "(masked)"
FROM_ENVIRONMENT = "(from the environment)"
_ENVS = "Envs."


def masked(value: Any, path: str, *, secret_names: Collection[str] = ()) -> Any:
    """The value as a plan may show it; `path` as the field table spells it.

    `secret_names` are the variables known to be secret by their origin; `*` among them means all.
    """
    if value is None or value == FROM_ENVIRONMENT:
        return value
    if _is_secret_field(path) or (path.startswith(_ENVS) and _hides(path.removeprefix(_ENVS), secret_names)):
        return MASK
    match value:
        case str():
            return without_tokens(value, MASK)
        case dict():
            return _mapping(value, path, secret_names)
        case list():
            return [masked(item, f"{path}[]", secret_names=secret_names) for item in value]
        case _:
            return value


def _mapping(value: dict[str, Any], path: str, secret_names: Collection[str]) -> dict[str, Any]:
    shown = {key: masked(item, f"{path}.{key}", secret_names=secret_names) for key, item in value.items()}
    name = value.get("Key") or value.get("Name")  # CustomEnvs, and Env of a container
    if isinstance(name, str) and "Value" in value and _hides(name, secret_names):
        shown["Value"] = MASK
    return shown


def _hides(name: str, secret_names: Collection[str]) -> bool:
    return name in secret_names or "*" in secret_names or is_secret_name(name)


def _is_secret_field(path: str) -> bool:
    return path in FIELDS and FIELDS[path].secret
