"""The options that say what a command tells, and in which form."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from dlcapply.rendering.formats import MARKDOWN_SIZES

if TYPE_CHECKING:
    from collections.abc import Callable

    from dlcapply.cli.options.values import P, R


def _set_color(context: click.Context, _: click.Parameter, value: str) -> None:
    context.obj = replace(context.obj, color=value)


def _set_verbose(context: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001  click's way
    if value:
        context.obj = replace(context.obj, verbose=True)


verbose_option = click.option(
    "-v",
    "--verbose",
    is_flag=True,
    expose_value=False,
    callback=_set_verbose,
    help="Tell of every call to PAI, on stderr.",
)
COLORS = ("auto", "always", "never")
color_option = click.option(
    "--color",
    type=click.Choice(COLORS),
    default="auto",
    show_default=True,
    expose_value=False,
    callback=_set_color,
    help="Style the text.",
)


def forms_option(*forms: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """The option that asks for the report in some of the forms."""
    *most, last = forms
    return click.option(
        "-o",
        "--output",
        multiple=True,
        metavar="FORMAT[=FILE]",
        help=f"{', '.join(most)} or {last}; repeatable, with a file.",
    )


output_option = forms_option("text", "json")
markdown_size_option = click.option(
    "--markdown-size",
    type=click.Choice(MARKDOWN_SIZES),
    default=MARKDOWN_SIZES[0],
    show_default=True,
    help="What -o markdown fits into: a comment or a step summary of GitHub.",
)
