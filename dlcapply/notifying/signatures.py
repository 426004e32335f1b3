"""How a webhook sees that a message is from somebody who has its key."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from dlcapply.model.news import WebhookKind
from dlcapply.notifying.payloads import encoded

if TYPE_CHECKING:
    from datetime import datetime

# As GitHub signs its webhooks (https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries).
SIGNATURE = "X-Dlcapply-Signature-256"


def signed(
    kind: WebhookKind, url: str, body: dict[str, Any], key: str, now: datetime
) -> tuple[str, bytes, dict[str, str]]:
    """The address, the content and the further headers of the message; without a key nothing is signed."""
    match kind:
        case _ if not key:
            return url, encoded(body), {}
        case WebhookKind.DINGTALK:  # milliseconds and the key are signed with the key
            stamp = str(round(now.timestamp() * 1000))
            sign = _digest(key, f"{stamp}\n{key}")
            return _with_query(url, {"timestamp": stamp, "sign": sign}), encoded(body), {}
        case WebhookKind.FEISHU:  # seconds and the key are the key, and nothing is signed with it
            stamp = str(int(now.timestamp()))
            return url, encoded({"timestamp": stamp, "sign": _digest(f"{stamp}\n{key}", ""), **body}), {}
        case _:
            content = encoded(body)
            digest = hmac.new(key.encode(), content, hashlib.sha256).hexdigest()
            return url, content, {SIGNATURE: f"sha256={digest}"}


def _digest(key: str, message: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), message.encode(), hashlib.sha256).digest()).decode()


def _with_query(url: str, values: dict[str, str]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(values)}"
