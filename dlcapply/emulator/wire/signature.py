"""Checks of ACS3-HMAC-SHA256, the signature of every request.

The canonical form is the one that the SDK's requests were seen to follow (tea_openapi 0.4.6).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote

from dlcapply.emulator.answers import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.emulator.world import User

_ALGORITHM = "ACS3-HMAC-SHA256"
_AUTHORIZATION = re.compile(
    rf"{_ALGORITHM} Credential=(?P<key>[^,]+),\s*"
    r"SignedHeaders=(?P<headers>[^,]+),\s*Signature=(?P<signature>[0-9a-f]+)"
)


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came in: header names in lower case, path and query still encoded."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def host(self) -> str:
        return self.headers.get("host", "")


def authenticate(received: Received, users: Mapping[str, User]) -> User:
    """Who signed the request; raises Refusal when nobody known did, or not this request."""
    found = _AUTHORIZATION.fullmatch(received.headers.get("authorization", ""))
    if not found:
        raise Refusal(400, "IncompleteSignature", f"The request has no {_ALGORITHM} authorization.")
    user = users.get(found["key"])
    if not user:
        raise Refusal(403, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
    _check_content(received)
    expected = sign(received, found["headers"].split(";"), user.secret)
    is_same = hmac.compare_digest(expected, found["signature"])
    if not (is_same and _covers_all(received, found["headers"])):
        raise Refusal(403, "SignatureDoesNotMatch", "The signature does not match our calculation.")
    return user


def sign(received: Received, signed_headers: list[str], secret: str) -> str:
    canonical = "\n".join(
        (
            received.method,
            received.path,
            _canonical_query(received.query),
            "".join(f"{name}:{received.headers.get(name, '').strip()}\n" for name in signed_headers),
            ";".join(signed_headers),
            hashlib.sha256(received.body).hexdigest(),
        )
    )
    text = f"{_ALGORITHM}\n{hashlib.sha256(_bytes(canonical)).hexdigest()}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def _bytes(text: str) -> bytes:
    """The bytes as they came in, also where they were no text."""
    return text.encode(errors="surrogateescape")


def _check_content(received: Received) -> None:
    if received.headers.get("x-acs-content-sha256") != hashlib.sha256(received.body).hexdigest():
        raise Refusal(400, "InvalidContentHash", "x-acs-content-sha256 is not the hash of the body.")


def _covers_all(received: Received, signed_headers: str) -> bool:
    """Whether nothing of the protocol could be changed on the way: every `x-acs-` header is signed."""
    signed = signed_headers.split(";")
    return all(name in signed for name in received.headers if name.startswith("x-acs-"))


def _canonical_query(query: str) -> str:
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    return "&".join(f"{key}={quote(value, safe='~')}" for key, value in pairs)
