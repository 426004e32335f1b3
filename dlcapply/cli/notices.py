"""The webhooks of an environment are told what became of a command; no answer of theirs decides anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.cli.patience import Patience
from dlcapply.cli.printing import say
from dlcapply.cli.streams import stderr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlcapply.api.load import Manifests
    from dlcapply.cli.shell import Shell
    from dlcapply.model.news import News


def tell_webhooks(shell: Shell, manifests: Manifests, news: Sequence[News], *, command: str) -> None:
    """Each webhook was told of the news that it wants, or stderr says why not."""
    if not (manifests.environment.webhooks and news):
        return
    from dlcapply.api.notify import notify

    with Patience(shell) as patience, patience.doing("the webhooks"):
        notify(
            manifests,
            news,
            command=command,
            clock=shell.clock,
            tell=lambda text: say(stderr(), shell, text),
            warn=lambda text: say(stderr(), shell, f"warning: {text}"),
        )
