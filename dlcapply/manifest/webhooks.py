"""Webhooks as they are written: where the news of an environment goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.manifest.nodes import Node, get, items, string
from dlcapply.model.news import Event, Webhook, WebhookKind

if TYPE_CHECKING:
    from collections.abc import Iterator


def webhooks_of(*lists: Node | None) -> tuple[Webhook, ...]:
    """Those of all the lists, which have no errors; one that is written twice is told once."""
    return tuple(dict.fromkeys(_webhook(node) for each in lists for node in items(each)))


def _webhook(node: Node) -> Webhook:
    return Webhook(
        WebhookKind(string(get(node, "kind"))),
        string(get(node, "urlFrom")),
        string(get(node, "secretFrom")),
        frozenset(_events(node)) or frozenset(Event),
    )


def _events(node: Node) -> Iterator[Event]:
    return (Event(string(one)) for one in items(get(node, "on")))
