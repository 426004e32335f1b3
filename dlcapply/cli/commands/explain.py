"""`dlcapply explain`: what a rule is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dlcapply.cli.options.values import or_empty, word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.cli.shell import Shell
    from dlcapply.manifest.rules.explanations import Explanation


@click.command()
@click.argument("rule", type=word, required=False, callback=or_empty)
@click.pass_obj
def explain(_: Shell, /, *, rule: str) -> None:
    """Print what a rule of `validate` is about, or list the rules.

    A page has examples, of what is wrong and of what is right.
    """
    from dlcapply.errors import UsageError
    from dlcapply.manifest.did_you_mean import did_you_mean
    from dlcapply.manifest.rules.explanations import EXPLANATIONS, explanation_of

    if not rule:
        width = max(map(len, EXPLANATIONS))
        for known in EXPLANATIONS.values():
            click.echo(f"{known.rule:<{width}}  {known.level:<7}  {known.summary}")
    elif found := explanation_of(rule):
        click.echo("\n".join(_page(found)))
    else:
        hint = did_you_mean(rule, EXPLANATIONS) or "`dlcapply explain` lists the rules"
        raise UsageError(f"there is no rule {rule}", hint=hint)


def _page(known: Explanation) -> Iterator[str]:
    yield f"{known.rule} ({known.standing})"
    yield known.summary
    yield f"\n{known.text}"
    for title, example in (("Wrong:", known.bad), ("Right:", known.good)):
        if example:
            yield f"\n{title}\n"
            yield from (f"    {row}".rstrip() for row in example.splitlines())
