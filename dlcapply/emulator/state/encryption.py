"""Encryption at rest: confidential values are sealed with a key that is kept apart from the state.

A state travels: it is cached by CI, packed with its project, copied into a bug report. The key stays behind.
"""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from dlcapply.emulator.state.masking import STAND_IN, substituted
from dlcapply.emulator.state.private_files import open_private

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_KEY_BYTES, _NONCE_BYTES = 32, 12
_VARIABLES = ("Envs", "CustomEnvs")


class Sealed(NamedTuple):
    """JSON with stand-ins, and what they stand for; None where nothing in it is confidential."""

    value: Any
    ciphertext: bytes | None


class Seal:
    """Takes confidential values out of JSON, and puts them back, with the key of `find_key`."""

    def __init__(self, find_key: Callable[[], bytes]) -> None:
        self._find_key = find_key

    @cached_property
    def _cipher(self) -> Any:
        # Few states hold anything confidential, and the import takes long.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(self._find_key())

    def close(self, value: Any, name: str) -> Sealed:
        """The value, fit for a file; it opens under the same name only: rows can't be swapped."""
        taken: list[Any] = []

        def take(one: Any) -> str:
            taken.append(one)
            return STAND_IN

        rest = substituted(value, take)
        if not taken:
            return Sealed(value, None)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return Sealed(rest, nonce + self._cipher.encrypt(nonce, json.dumps(taken).encode(), name.encode()))

    def open(self, sealed: Sealed, name: str) -> Any:
        """The value as it was, but without its variables where the key does not fit."""
        if sealed.ciphertext is None:
            return sealed.value
        if (values := self._opened(sealed.ciphertext, name)) is None:
            return {key: one for key, one in sealed.value.items() if key not in _VARIABLES}
        rest = iter(values)
        return substituted(sealed.value, lambda _: next(rest, STAND_IN))

    def fits(self, ciphertext: bytes, name: str) -> bool:
        """Whether it was sealed under this name with this key."""
        return self._opened(ciphertext, name) is not None

    def _opened(self, ciphertext: bytes, name: str) -> list[Any] | None:
        from cryptography.exceptions import InvalidTag

        nonce, text = ciphertext[:_NONCE_BYTES], ciphertext[_NONCE_BYTES:]
        try:
            return list(json.loads(self._cipher.decrypt(nonce, text, name.encode())))
        except (InvalidTag, ValueError):
            return None


class NoSeal:
    """Seals nothing: for a state in memory."""

    def close(self, value: Any, _: str) -> Sealed:
        return Sealed(value, None)

    def open(self, sealed: Sealed, _: str) -> Any:
        return sealed.value

    def fits(self, _: bytes, __: str) -> bool:
        return True


def users_key(environ: Mapping[str, str]) -> bytes:
    """The key of this user on this machine, made at its first use.

    Where it can't be kept, it is for this process alone: other processes do not see the values then.
    """
    made = secrets.token_bytes(_KEY_BYTES)
    try:
        return _kept(_key_file(environ), made)
    except (OSError, RuntimeError):  # a home that can't be written, or that does not exist
        return made


def _key_file(environ: Mapping[str, str]) -> Path:
    """In the folder for states of users (XDG Base Directory Specification)."""
    named = Path(environ.get("XDG_STATE_HOME") or ".")
    folder = named if named.is_absolute() else Path.home() / ".local" / "state"
    return folder / "dlcapply" / "emulator.key"


def _kept(path: Path, made: bytes) -> bytes:
    """The key in the file, or `made` where there is no file; of several made at once, the first counts."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    if not path.exists():
        with os.fdopen(open_private(draft, os.O_WRONLY), "wb") as file:
            file.write(made)
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    with os.fdopen(open_private(path, os.O_RDONLY), "rb") as file:
        key = file.read(_KEY_BYTES + 1)
    if len(key) != _KEY_BYTES:
        raise OSError(f"{path} is not a key")
    return key
