"""What a webhook answered: whether it took the message, in words that repeat nothing of the answer.

An answer may hold the address or the key. So only codes are told, with what is known of them.
"""

from __future__ import annotations

from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dlcapply import strict_json
from dlcapply.model.news import WebhookKind

if TYPE_CHECKING:
    from collections.abc import Mapping

_BIGGEST_CODE = 10**9
# Of DingTalk and WeCom `errcode`, of Feishu `code`, and `StatusCode` in its older answers.
_CODE_KEYS: Mapping[WebhookKind, tuple[str, ...]] = MappingProxyType(
    {
        WebhookKind.DINGTALK: ("errcode",),
        WebhookKind.WECOM: ("errcode",),
        WebhookKind.FEISHU: ("code", "StatusCode"),
    }
)
# From the pages that `payloads.FORMS` names.
_MEANINGS: Mapping[tuple[WebhookKind, int], str] = MappingProxyType(
    {
        (WebhookKind.DINGTALK, 310000): (
            "its security settings refuse the message: set `dlcapply` as a keyword, or secretFrom"
        ),
        (WebhookKind.DINGTALK, 300001): "it knows no such robot",
        (WebhookKind.DINGTALK, 400101): "it knows no such robot",
        (WebhookKind.DINGTALK, 410100): "more than 20 messages in a minute",
        (WebhookKind.DINGTALK, 130101): "more than 20 messages in a minute",
        (WebhookKind.FEISHU, 19001): "it knows no such robot",
        (
            WebhookKind.FEISHU,
            19021,
        ): "the signature does not fit: is that its key, and this clock right?",
        (WebhookKind.FEISHU, 19022): "it takes nothing from this machine's address",
        (WebhookKind.FEISHU, 19024): "its security settings want another keyword: set `dlcapply` as one",
        (WebhookKind.FEISHU, 9499): "too many messages, or one that it does not take",
        (WebhookKind.FEISHU, 11232): "too many messages",
        (WebhookKind.WECOM, 93000): "it knows no such robot",
        (WebhookKind.WECOM, 45009): "more than 20 messages in a minute",
        (WebhookKind.WECOM, 45033): "too many messages at once",
        (WebhookKind.WECOM, 40058): "it does not take this message",
    }
)


def problem_of(kind: WebhookKind, status: int, content: bytes) -> str:
    """Why the message was not taken; empty where it was."""
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        is_redirect = HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST
        return f"it answered {status}{', a redirect, which is not followed' if is_redirect else ''}"
    if kind not in _CODE_KEYS:
        return ""
    code = _code(kind, content)
    if code is None:
        return "its answer is not one of this kind of webhook"
    if code == 0:
        return ""
    meaning = _MEANINGS.get((kind, code), "")
    return f"it answered with its code {code}{f': {meaning}' if meaning else ''}"


def _code(kind: WebhookKind, content: bytes) -> int | None:
    try:
        answer: Any = strict_json.loads(content)
    except (ValueError, RecursionError):
        return None
    codes = [answer.get(key) for key in _CODE_KEYS[kind]] if isinstance(answer, dict) else []
    return next((code for code in codes if _is_code(code)), None)


def _is_code(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < _BIGGEST_CODE
