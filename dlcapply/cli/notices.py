"""What people are told beside the report: idle runs on stderr, and the news of a command to webhooks.

It comes last, and decides about nothing: no exit code depends on it.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from dlcapply.cli.patience import Patience
from dlcapply.cli.printing import say, show
from dlcapply.cli.streams import stderr
from dlcapply.errors import DlcapplyError
from dlcapply.rendering.text.lines import Span, Style, line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dlcapply.api.applying.application import Application
    from dlcapply.api.applying.carrying_out import Applied
    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.api.waiting.rows import GoesOn
    from dlcapply.api.waiting.wait import Waited
    from dlcapply.cli.shell import Shell
    from dlcapply.model.news import News


def tell_of_apply(shell: Shell, application: Application, applied: Applied, *, looks_on: bool) -> None:
    """The runs that are idle have been told, and what became of the apply.

    Without `looks_on`, nobody asks PAI which are idle: whoever interrupted the apply wants it to end.
    """
    from dlcapply.api.news.notify import applied_news
    from dlcapply.api.runs.idle import idle_after, idle_lines, idle_news

    service, manifests, outcomes = application.service, application.manifests, applied.all_outcomes
    live = application.planned.live
    with _deciding_nothing(shell):
        idle = idle_after(manifests, service, application.planned.histories, outcomes) if looks_on else ()
        say(stderr(), shell, *idle_lines(idle))
        news = applied_news(
            applied.plan, outcomes, applied.waited, live, now=service.now(), timed_out=applied.stopped
        )
        tell_webhooks(shell, manifests, (*news, *idle_news(idle)), command="apply", service=service)


def tell_what_goes_on(shell: Shell, left: Iterable[GoesOn]) -> None:
    """What goes on has been told, with the command that is next on a line of its own."""
    for one in left:
        say(stderr(), shell, f"{one.text}:" if one.command else one.text)
        if one.command:
            show([line("  ", Span(one.command, Style.COMMAND))], stderr(), shell)


@contextmanager
def _deciding_nothing(shell: Shell) -> Iterator[None]:
    """What goes wrong within, or is interrupted, changes no report that is out, and no exit code."""
    try:
        yield
    except KeyboardInterrupt:
        say(stderr(), shell, "interrupted: what is left to be told is not")
    except DlcapplyError as error:
        say(stderr(), shell, f"warning: what is left to be told is not: {error.message}")


@contextmanager
def telling_failures(shell: Shell, manifests: Manifests) -> Iterator[None]:
    """Whoever did not look on has been told of an apply that came to no plan, or to no end."""
    try:
        yield
    except DlcapplyError as error:
        from dlcapply.api.news.notify import failed_news

        with _deciding_nothing(shell):
            tell_webhooks(shell, manifests, failed_news(error), command="apply")
        raise


def tell_of_refusal(shell: Shell, application: Application, reason: DlcapplyError) -> None:
    """An apply that did not begin has been told."""
    from dlcapply.api.news.notify import refused_news

    with _deciding_nothing(shell):
        news, service = refused_news(reason), application.service
        tell_webhooks(shell, application.manifests, news, command="apply", service=service)


def tell_of_wait(shell: Shell, manifests: Manifests, service: Service, waited: Waited) -> None:
    """What became of the runs that were waited for has been told."""
    from dlcapply.api.news.notify import waited_news

    with _deciding_nothing(shell):
        news = waited_news(waited.runs, waited.stopped)
        tell_webhooks(shell, manifests, news, command="wait", service=service)


def tell_webhooks(
    shell: Shell,
    manifests: Manifests,
    news: Sequence[News],
    *,
    command: str,
    service: Service | None = None,
) -> None:
    """Each webhook was told of the news that it wants, or stderr says why not."""
    if not (manifests.environment.webhooks and news):
        return
    from dlcapply.api.news.notify import notify
    from dlcapply.api.where import where_of

    with Patience(shell) as patience, patience.doing("the webhooks"):
        notify(
            manifests,
            news,
            command=command,
            where=where_of(manifests.environment, service),
            clock=shell.clock,
            tell=lambda text: say(stderr(), shell, text),
            warn=lambda text: say(stderr(), shell, f"warning: {text}"),
        )
