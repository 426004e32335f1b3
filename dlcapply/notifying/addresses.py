"""The address of a webhook, from an environment variable: a secret, of which nothing is ever repeated."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

_LONGEST = 2_048
_LONGEST_KEY = 1_024


def problem_of_address(url: str) -> str:
    """Why nothing may be sent there, without a part of it; empty where it may."""
    if len(url) > _LONGEST or not url.isascii() or not url.isprintable() or set(url) & set(" \\<>\"'"):
        return "is not an address"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "is not an address"
    if parts.scheme not in {"https", "http"} or not host:
        return "is not an https address"
    if "@" in parts.netloc:
        return "has a user or a password in it, which is not sent"
    if parts.scheme == "http" and not is_loopback(host):
        return "is an http address: everybody on the way could read it, so only https is sent to"
    return ""


def problem_of_key(key: str) -> str:
    is_plain = key.isascii() and key.isprintable() and " " not in key
    return "" if is_plain and len(key) <= _LONGEST_KEY else "is not a key"


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, by what it says itself: no name is looked up."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
