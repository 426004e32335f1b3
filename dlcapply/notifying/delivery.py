"""A bulletin is at a webhook, or there are words for why it is not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dlcapply.notifying.addresses import problem_of_address, problem_of_key
from dlcapply.notifying.answers import problem_of
from dlcapply.notifying.payloads import payload
from dlcapply.notifying.signatures import signed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dlcapply.model.clock import Clock
    from dlcapply.model.news import Bulletin, News, Webhook


def wanted_by(
    webhook: Webhook,
    bulletin: Bulletin,
    unknown_to: Callable[[Webhook, Iterable[News]], tuple[News, ...]],
) -> Bulletin:
    """What of the bulletin the webhook wants and does not know."""
    wanted = [one for one in bulletin.news if one.event in webhook.events]
    return replace(bulletin, news=unknown_to(webhook, wanted))


def deliver(webhook: Webhook, bulletin: Bulletin, environ: Mapping[str, str], clock: Clock) -> str:
    """The bulletin is sent; otherwise why not. Nothing in the words comes from the address or the answer."""
    url, key = environ.get(webhook.url_from, ""), environ.get(webhook.secret_from, "")
    if problem := _unusable(webhook, url, key):
        return problem
    from dlcapply.notifying.sending import send

    body = payload(bulletin, webhook.kind)
    address, content, headers = signed(webhook.kind, url, body, key, clock.now())
    status, answered, trouble = send(address, content, headers, clock.sleep)
    return trouble or problem_of(webhook.kind, status, answered)


def _unusable(webhook: Webhook, url: str, key: str) -> str:
    if not url:
        return f"${webhook.url_from} is not set here"
    if problem := problem_of_address(url):
        return f"${webhook.url_from} {problem}"
    if webhook.secret_from and not key:
        return f"${webhook.secret_from} is not set here, and without it nothing is signed"
    if webhook.secret_from and (problem := problem_of_key(key)):
        return f"${webhook.secret_from} {problem}"
    return ""
