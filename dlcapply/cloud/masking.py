"""The texts of a request that an error about it must not repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

# A shorter text is part of ordinary words, and masking it would hide the message instead.
_SHORTEST = 4

# Variables, the registry's user and password, keys for the pod, the containers' own variables.
_PLACES = frozenset({"Envs", "CustomEnvs", "Env", "ImageConfig", "CredentialConfig"})


def secret_texts(body: Any) -> frozenset[str]:
    """Every text that stands where CreateJob takes secrets."""
    return frozenset(text for text in _texts(body, inside=False) if len(text) >= _SHORTEST)


def _texts(value: Any, *, inside: bool) -> Iterator[str]:
    match value:
        case str() if inside:
            yield value
        case dict():
            for key, item in value.items():
                yield from _texts(item, inside=inside or key in _PLACES)
        case list() | tuple():
            for item in value:
                yield from _texts(item, inside=inside)
