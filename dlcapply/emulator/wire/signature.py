"""Checks of signatures: ACS3-HMAC-SHA256, and the HMAC-SHA1 of older clients.

The SDK's own code for signing is not used: a check that calls it would accept whatever it makes. The
canonical forms are those that requests of SDKs were seen to follow (tea_openapi 0.4.6).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote

from dlcapply.emulator.answers import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.emulator.wire.received import Received
    from dlcapply.emulator.world.world import User

_ALGORITHM = "ACS3-HMAC-SHA256"
_AUTHORIZATION = re.compile(
    rf"{_ALGORITHM} Credential=(?P<key>[^,]+),\s*"
    r"SignedHeaders=(?P<headers>[^,]+),\s*Signature=(?P<signature>[0-9a-f]+)"
)


_OLD_AUTHORIZATION = re.compile(r"acs (?P<key>[^:]+):(?P<signature>[A-Za-z0-9+/=]+)")


def authenticate(received: Received, users: Mapping[str, User]) -> User:
    """Who signed the request; raises Refusal for an unknown key, and for a signature that does not fit."""
    text = received.headers.get("authorization", "")
    if old := _OLD_AUTHORIZATION.fullmatch(text):
        user = _user_of(old["key"], users)
        if not hmac.compare_digest(sign_old(received, user.secret), old["signature"]):
            raise _mismatch()
        return user
    found = _AUTHORIZATION.fullmatch(text)
    if not found:
        raise Refusal(400, "IncompleteSignature", f"The request has no {_ALGORITHM} authorization.")
    user = _user_of(found["key"], users)
    _check_content(received)
    expected = sign(received, found["headers"].split(";"), user.secret)
    is_same = hmac.compare_digest(expected, found["signature"])
    if not (is_same and _covers_all(received, found["headers"])):
        raise _mismatch()
    return user


def _user_of(key: str, users: Mapping[str, User]) -> User:
    if key not in users:
        raise Refusal(403, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
    return users[key]


def _mismatch() -> Refusal:
    return Refusal(403, "SignatureDoesNotMatch", "The signature does not match our calculation.")


def sign_old(received: Received, secret: str) -> str:
    """The HMAC-SHA1 of a request, in base64; it does not cover the body."""
    headers = received.headers
    plain = (headers.get(name, "") for name in ("accept", "content-md5", "content-type", "date"))
    named = (f"{name}:{headers[name]}" for name in sorted(headers) if name.startswith("x-acs-"))
    pairs = sorted(parse_qsl(received.query, keep_blank_values=True))
    query = "&".join(f"{key}={value}" if value else key for key, value in pairs)
    resource = f"{received.path}?{query}" if query else received.path
    text = "\n".join((received.method, *plain, *named, resource))
    return base64.b64encode(hmac.new(secret.encode(), _bytes(text), hashlib.sha1).digest()).decode()


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
    """The bytes as they came in, also where they are not UTF-8."""
    return text.encode(errors="surrogateescape")


def _check_content(received: Received) -> None:
    if received.headers.get("x-acs-content-sha256") != hashlib.sha256(received.body).hexdigest():
        raise Refusal(400, "InvalidContentHash", "x-acs-content-sha256 is not the hash of the body.")


def _covers_all(received: Received, signed_headers: str) -> bool:
    """Whether every `x-acs-` header is signed, so that none of them could be changed on the way."""
    signed = signed_headers.split(";")
    return all(name in signed for name in received.headers if name.startswith("x-acs-"))


def _canonical_query(query: str) -> str:
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    return "&".join(f"{key}={quote(value, safe='~')}" for key, value in pairs)
