"""The options that say what a plan may do, and how it is carried out and waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dlcapply.api.options import AT_A_TIME, MOST_AT_A_TIME, MOST_STOPS, ON_TIMEOUT
from dlcapply.cli.options.values import duration, text_option, word

if TYPE_CHECKING:
    from collections.abc import Callable

    from dlcapply.cli.options.values import P, R


_PLAN_OPTIONS = (
    click.option("--prune", is_flag=True, help="Stop active runs that no manifest declares any more."),
    click.option(
        "--allow-replace",
        type=word,
        multiple=True,
        metavar="NAME",
        help="Consent to replace this job's active run; repeatable.",
    ),
    click.option(
        "--allow-stops",
        type=click.IntRange(0, MOST_STOPS),
        metavar="N",
        help="Consent to exactly N stops and replaces, where --prune would stop more than half.",
    ),
    click.option("--no-preflight", is_flag=True, help="Do not look up instance types and workspaces."),
)
on_timeout_option = click.option(
    "--on-timeout",
    type=click.Choice(ON_TIMEOUT),
    default="report",
    show_default=True,
    help="What becomes of waited-for runs of ours that are not done in time.",
)
image_pull_timeout_option = click.option(
    "--image-pull-timeout",
    type=duration,
    default="300s",
    show_default=True,
    help="How long an image may fail to be pulled before its waited-for run counts as failed.",
)
follow_logs_option = click.option(
    "--logs", is_flag=True, help="Print what the runs print, to their end, on standard error."
)


def plan_options(command: Callable[P, R]) -> Callable[P, R]:
    """The command takes the options of `PlanOptions`."""
    for option in reversed(_PLAN_OPTIONS):
        command = option(command)
    return command


parallelism_option = click.option(
    "--parallelism",
    type=click.IntRange(1, MOST_AT_A_TIME),
    default=AT_A_TIME,
    show_default=True,
    help="Writes at a time.",
)
changed_option = text_option(
    "--changed",
    metavar="REF",
    help="Only jobs that changes since the merge base with this commit reach.",
)
