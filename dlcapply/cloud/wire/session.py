"""The SDK client of an environment: its endpoint, its time-outs, where its credentials come from."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.request import proxy_bypass

from alibabacloud_tea_openapi.utils_models import Config

from dlcapply.cloud.wire.credentials import chain_credentials, silence_libraries
from dlcapply.cloud.wire.endpoint import address_of
from dlcapply.cloud.wire.products import PAI_DLC
from dlcapply.cloud.wire.transport import USER_AGENT, bound_the_sdk

if TYPE_CHECKING:
    from dlcapply.cloud.wire.endpoint import Address
    from dlcapply.cloud.wire.products import Product
    from dlcapply.model.jobs import Environment

CONNECT_TIMEOUT_MS = 5_000
READ_TIMEOUT_MS = 60_000


@dataclass(frozen=True, slots=True)
class StaticKeys:
    """Keys that protect nothing: those of the embedded emulator."""

    access_key_id: str
    access_key_secret: str = field(repr=False)


def open_client(
    environment: Environment,
    *,
    product: Product = PAI_DLC,
    keys: StaticKeys | None = None,
    read_timeout_ms: int = READ_TIMEOUT_MS,
) -> Any:
    """The product's client for the environment; it tries each call once, signed by `keys` or the SDK's chain.

    Raises UsageError for an unusable region or endpoint, CredentialsError when the chain has nothing.
    """
    address = address_of(environment, product)
    silence_libraries()
    bound_the_sdk()  # before the chain asks its sources
    signer = _signer(keys)
    if address.is_loopback or proxy_bypass(address.name):
        _go_direct(address)
    return product.load_client()(
        Config(
            **signer,
            endpoint=address.host,
            protocol=address.protocol,
            region_id=environment.region,
            user_agent=USER_AGENT,
            connect_timeout=CONNECT_TIMEOUT_MS,
            read_timeout=read_timeout_ms,
        )
    )


def _signer(keys: StaticKeys | None) -> dict[str, Any]:
    if keys is None:
        return {"credential": chain_credentials()}
    return {"access_key_id": keys.access_key_id, "access_key_secret": keys.access_key_secret}


def _go_direct(address: Address) -> None:
    """The SDK finds no proxy any more: it ignores NO_PROXY, and its own `no_proxy` has no effect.

    Source: darabonba/core.py 1.0.9 hands requests ready-made proxies, and requests then asks nobody else.
    """
    for name in (f"{address.protocol}_proxy", f"{address.protocol}_proxy".upper()):
        os.environ.pop(name, None)
