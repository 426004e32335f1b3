"""The address of a service, as an environment's endpoint or region names it."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dlcapply.cloud.wire.products import PAI_DLC
from dlcapply.errors import UsageError

if TYPE_CHECKING:
    from dlcapply.cloud.wire.products import Product
    from dlcapply.model.jobs import Environment

# Requests are signed, not sealed: whatever host an odd name led to could replay them.
_REGION = re.compile(r"[a-z]{2}[a-z0-9-]{1,40}")
_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\]")


@dataclass(frozen=True, slots=True)
class Address:
    """`host` is the name with its port, if one was given; IPv6 in brackets."""

    protocol: str
    host: str

    @property
    def name(self) -> str:
        return urlsplit(f"//{self.host}").hostname or ""

    @property
    def is_loopback(self) -> bool:
        return _is_loopback(self.name)


def address_of(environment: Environment, product: Product = PAI_DLC) -> Address:
    """The product's address for this environment, whose endpoint serves both products if it names one.

    Raises UsageError for a region or endpoint that names no address.
    """
    if environment.endpoint:
        return _parsed(environment.endpoint)
    if not _REGION.fullmatch(environment.region):
        raise UsageError(
            f"{environment.region!r} is not a region"
            if environment.region
            else "neither a region nor an endpoint is named",
            hint="set `region` of the environment or --region, for example cn-hangzhou",
        )
    return Address("https", f"{product.host}.{environment.region}.aliyuncs.com")


def _parsed(endpoint: str) -> Address:
    scheme, mark, rest = endpoint.lower().rpartition("://")
    host = rest.removesuffix("/")
    if (mark and scheme not in {"http", "https"}) or not _is_host(host):
        raise UsageError(
            f"{endpoint!r} is not an endpoint",
            hint="write HOST, HOST:PORT, http://HOST:PORT or https://HOST",
        )
    bare = Address("https", host)
    return Address(scheme or ("http" if bare.is_loopback else "https"), host)


def _is_host(host: str) -> bool:
    try:
        parts = urlsplit(f"//{host}")
        port = parts.port
    except ValueError:
        return False
    name = host if port is None else host.removesuffix(f":{port}")
    return port != 0 and _HOST.fullmatch(name) is not None


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
