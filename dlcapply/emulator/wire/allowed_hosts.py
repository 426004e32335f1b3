"""Under which names the server answers; requests under another, and those of pages in browsers, are refused.

A page can point a name of its own at this machine (DNS rebinding), and the keys are public: only the name in
Host gives it away. An address can't be pointed elsewhere, so any is good where all are listened at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

from dlcapply.emulator.answers import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[^\[\]:@/?#\s]+)(?::\d{1,5})?", re.ASCII | re.IGNORECASE)
# What a browser sends for its address bar, and for a page of the very same origin.
_OWN_SITES = frozenset({"none", "same-origin"})


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """The names under which the server answers: those of loopback, `bound`, and the `others`."""

    bound: str
    others: frozenset[str] = frozenset()

    def hold(self, host: str) -> bool:
        """Whether the value of a Host header is one of them, at any port: tunnels map ports."""
        found = _HOST.fullmatch(host)
        if found is None:
            return False
        name = found["name"].strip("[]").lower()
        return name in {"localhost", self.bound.lower(), *self.others} or self._is_own_address(name)

    def _is_own_address(self, name: str) -> bool:
        try:
            address = ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or self._listens_everywhere()

    def _listens_everywhere(self) -> bool:
        try:
            return ip_address(self.bound).is_unspecified
        except ValueError:
            return False


def check_sender(allowed: AllowedHosts, headers: Sequence[tuple[str, str]]) -> None:
    """Raises Refusal for a request under a name that is not allowed, or from a page of another origin.

    `headers` are all that came, names in lower case: one that comes twice could be read in two ways.
    """
    hosts, origins, sites = (_values(headers, name) for name in ("host", "origin", "sec-fetch-site"))
    if len(hosts) != 1 or not allowed.hold(hosts[0]):
        asked = ", ".join(hosts) or "none"
        raise _forbidden(f"The Host ({asked[:100]}) is not a name of this emulator; --name gives it one.")
    if any(origin.lower() != f"http://{hosts[0]}".lower() for origin in origins):
        raise _forbidden("The request has a foreign Origin: pages in a browser are not answered.")
    if any(site.lower() not in _OWN_SITES for site in sites):
        raise _forbidden("The request has a foreign Sec-Fetch-Site: pages in a browser are not answered.")


def _values(headers: Sequence[tuple[str, str]], name: str) -> list[str]:
    return [value.strip() for known, value in headers if known == name]


def _forbidden(message: str) -> Refusal:
    return Refusal(403, "Forbidden.Stranger", message)
