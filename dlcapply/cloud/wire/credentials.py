"""The SDK's default credential chain, kept from stalling a command and from writing to stderr."""

from __future__ import annotations

import logging
from threading import Thread
from typing import TYPE_CHECKING

from alibabacloud_credentials.client import Client

from dlcapply.errors import CredentialsError

if TYPE_CHECKING:
    from collections.abc import Callable

# Off the cloud the ECS metadata path gives up after two or three seconds; role and single-sign-on paths
# make up to two calls with connect and read time-outs of 5 and 10 s (alibabacloud_credentials 1.0.12).
LONGEST = 30.0

# They print tracebacks of failed steps and, under DEBUG=sdk, signed headers, through handlers of their own.
_LOGGERS = ("credentials", "alibabacloud-tea", "darabonba-core", "apscheduler", "urllib3")

_HINT = (
    "set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, or run `aliyun configure`, "
    "or use a RAM role: OIDC in CI, an instance role on ECS, the pod's own in DSW and DLC"
)


def chain_credentials() -> Client:
    """The chain, after it gave credentials; CredentialsError when it has none, or not in LONGEST seconds."""
    return resolved(Client, seconds=LONGEST)


def resolved(chain: Callable[[], Client], *, seconds: float) -> Client:
    """What `chain` makes, after it gave credentials; CredentialsError when it has none, or not in time."""
    found: list[Client] = []

    def resolve() -> None:
        try:
            client = chain()
            client.get_credential()
        except Exception:  # noqa: BLE001, S110  the chain raises what its sources raise, secrets in the text
            pass
        else:
            found.append(client)

    worker = Thread(target=resolve, name="credentials", daemon=True)
    worker.start()
    worker.join(seconds)
    if worker.is_alive():
        raise CredentialsError(f"no Alibaba Cloud credentials came within {seconds:g} seconds", hint=_HINT)
    if not found:
        raise CredentialsError("no Alibaba Cloud credentials found", hint=_HINT)
    return found[0]


def silence_libraries() -> None:
    """The SDKs and what they stand on log nothing any more; what they raise is told by us."""
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
