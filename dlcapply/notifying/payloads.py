"""What each kind of webhook is sent: one table, each row with its source.

Messages are plain text wherever there is a choice, since names, reasons and PAI's answers are written by
strangers: in no form may they become a link, a heading or a mention of everybody. All kinds find mentions in
the text or beside it, and here no text has the characters that these begin with.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dlcapply.model.news import Event, WebhookKind, most_urgent_first
from dlcapply.notifying.wording import clean, headline, news_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dlcapply.model.news import Bulletin

# Look-alikes of what begins a mention or a tag; in a chat nobody has to copy them.
_LOOKALIKES = str.maketrans({"@": "＠", "<": "‹", ">": "›"})  # noqa: RUF001
_SLACK_ESCAPES = str.maketrans({"&": "&amp;", "@": "＠", "<": "‹", ">": "›"})  # noqa: RUF001
_MOST_IN_JSON = 1_000
_LONGEST_IN_JSON = 1_000


@dataclass(frozen=True, slots=True)
class Form:
    """How a kind of webhook takes a message: the body for a headline, lines and a link.

    `limit` is in bytes, of the text where `of_text`, otherwise of the whole body.
    """

    body: Callable[[str, list[str], str], dict[str, Any]]
    limit: int
    of_text: bool = False


def payload(bulletin: Bulletin, kind: WebhookKind) -> dict[str, Any]:
    """The body to be sent, within what the kind takes: of too much news the last is counted, not told."""
    if kind is WebhookKind.JSON:
        return _document(bulletin)
    form = FORMS[kind]
    escapes = _SLACK_ESCAPES if kind is WebhookKind.SLACK else _LOOKALIKES
    head, *lines = [one.translate(escapes) for one in (headline(bulletin), *news_lines(bulletin))]
    link = _safe_link(bulletin.link)
    for told in range(len(lines), -1, -1):
        rest = len(bulletin.news) - told
        body = form.body(head, [*lines[:told], *([f"and {rest} more"] if rest else [])], link)
        if _size(body, form) <= form.limit:
            return body
    return form.body("dlcapply has news", [], "")


def _size(body: dict[str, Any], form: Form) -> int:
    if form.of_text:
        return len(str(body["text"]["content"]).encode())
    return len(encoded(body))


def encoded(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _safe_link(link: str) -> str:
    """The address of the CI's run, which the environment says: with nothing in it that could end it."""
    is_plain = link.startswith("https://") and link.isascii() and link.isprintable()
    return link if is_plain and not set(link) & set("<>\"'`|@ ()[]{}\\^") else ""


def _text(head: str, lines: list[str], link: str) -> str:
    return "\n".join(filter(None, (head, *lines, link)))


def _dingtalk(head: str, lines: list[str], link: str) -> dict[str, Any]:
    return {
        "msgtype": "text",
        "text": {"content": _text(head, lines, link)},
        "at": {"atMobiles": [], "atUserIds": [], "isAtAll": False},
    }


def _wecom(head: str, lines: list[str], link: str) -> dict[str, Any]:
    content = {"content": _text(head, lines, link), "mentioned_list": [], "mentioned_mobile_list": []}
    return {"msgtype": "text", "text": content}


def _feishu(head: str, lines: list[str], link: str) -> dict[str, Any]:
    rows: list[list[dict[str, str]]] = [[{"tag": "text", "text": one}] for one in lines]
    if link:
        rows.append([{"tag": "a", "text": "the run of the CI system", "href": link}])
    return {"msg_type": "post", "content": {"post": {"en_us": {"title": head, "content": rows}}}}


def _slack(head: str, lines: list[str], link: str) -> dict[str, Any]:
    return {
        "text": _text(head, lines, link),
        "mrkdwn": False,
        "parse": "none",
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }


# A text alone makes no links and no headings of what it holds. DingTalk and WeCom mention whom the lists
# beside it name, and WeCom what it finds in `<@…>`; Feishu finds `<at …>` in its type text, and none in the
# texts of its type post. Slack finds `<!channel>`, and names only where it is told to.
FORMS: Mapping[WebhookKind, Form] = MappingProxyType(
    {
        # https://open.dingtalk.com/document/robots/custom-robot-access: 20,000 bytes, 20 messages a minute
        WebhookKind.DINGTALK: Form(_dingtalk, 20_000),
        # https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot: 20 KB, 100 messages a minute
        WebhookKind.FEISHU: Form(_feishu, 20_000),
        # https://developer.work.weixin.qq.com/document/path/99110: 2,048 bytes of a text, 20 a minute
        WebhookKind.WECOM: Form(_wecom, 2_048, of_text=True),
        # https://docs.slack.dev/messaging/formatting-message-text: 40,000 characters are cut, 4,000 advised
        WebhookKind.SLACK: Form(_slack, 4_000),
    }
)


def _document(bulletin: Bulletin) -> dict[str, Any]:
    """The news for programs: `schemas/notification.v1.schema.json`."""
    ordered = most_urgent_first(bulletin.news)
    told = ordered[:_MOST_IN_JSON]
    return {
        "format_version": 1,
        "title": headline(bulletin),
        "command": bulletin.command,
        "environment": {
            "name": clean(bulletin.environment, _LONGEST_IN_JSON),
            "region": clean(bulletin.region, _LONGEST_IN_JSON),
            "workspace_id": clean(bulletin.workspace_id, _LONGEST_IN_JSON),
            "emulator": bulletin.is_emulator,
        },
        "summary": {event.value: sum(one.event is event for one in ordered) for event in Event},
        "news": [
            {
                "event": one.event.value,
                "name": clean(one.name, _LONGEST_IN_JSON),
                "job_id": clean(one.job_id, _LONGEST_IN_JSON),
                "text": clean(one.text, _LONGEST_IN_JSON),
            }
            for one in told
        ],
        "left_out": len(ordered) - len(told),
        "link": _safe_link(bulletin.link),
    }
