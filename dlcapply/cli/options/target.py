"""The options that say where a command leads, and to which jobs or runs."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import click

from dlcapply.api.options import VIEWS
from dlcapply.cli.options.telling import color_option, verbose_option
from dlcapply.cli.options.values import given, path_name, short_duration, text, text_option, word
from dlcapply.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dlcapply.api.options import TargetOptions
    from dlcapply.cli.options.values import P, R


_JOB_ID = re.compile(r"dlc[0-9a-z]{6,40}")
_PLACE_OPTIONS = (
    text_option(
        "-e",
        "--environment",
        metavar="NAME",
        help="Environment of the project.",
    ),
    text_option(
        "--region",
        metavar="NAME",
        help="Region, without a project file; otherwise $ALIBABA_CLOUD_REGION_ID.",
    ),
    text_option(
        "--workspace",
        metavar="ID",
        help="Workspace, without a project file; otherwise $PAI_WORKSPACE_ID.",
    ),
    text_option(
        "--owner",
        metavar="NAME",
        help="Whose runs these are, without a project file.",
    ),
    text_option(
        "--endpoint",
        metavar="URL",
        help="Address to use in place of the region's own.",
    ),
)
_JOB_OPTIONS = (
    text_option(
        "--view",
        type=click.Choice(VIEWS),
        help="Whose private jobs are seen, without a project file.",
    ),
    click.option(
        "--var",
        type=text,
        multiple=True,
        metavar="NAME=VALUE",
        help="Value of a declared variable; repeatable.",
    ),
    click.option(
        "--var-file",
        type=given,
        multiple=True,
        metavar="FILE",
        help="YAML file of variable values; repeatable.",
    ),
    click.option(
        "--select",
        type=word,
        multiple=True,
        metavar="PATTERN",
        help="Only jobs of this name glob or label=value; repeatable.",
    ),
    click.option(
        "--exclude",
        type=word,
        multiple=True,
        metavar="PATTERN",
        help="Not jobs of this name glob or label=value; repeatable.",
    ),
)
_FILE_OPTION = click.option(
    "-f",
    "--file",
    "paths",
    type=given,
    multiple=True,
    metavar="PATH",
    help="Manifests, a file or a folder; without it, those of the project. Repeatable.",
)


def _around_runs(command: Callable[P, R]) -> Callable[P, R]:
    """The command takes the options of `TargetOptions`, and names no paths among its words."""
    for option in reversed((_FILE_OPTION, *_PLACE_OPTIONS, *_JOB_OPTIONS, state_option, read_timeout_option)):
        command = option(command)
    return verbose_option(color_option(command))


def quota_options(command: Callable[P, R]) -> Callable[P, R]:
    """The command takes names or ids of quotas, and the options of `TargetOptions`."""
    return click.argument("quotas", nargs=-1, type=word, metavar="[QUOTA]...")(_around_runs(command))


def run_options(command: Callable[P, R]) -> Callable[P, R]:
    """The command takes names of jobs, or JobIds, and the options of `TargetOptions`."""
    return click.argument("names", nargs=-1, type=word, metavar="[NAME]...")(_around_runs(command))


def name_options(command: Callable[P, R]) -> Callable[P, R]:
    """The command takes the name of one job, or a JobId, and the options of `TargetOptions`."""
    return click.argument("name", type=word)(_around_runs(command))


def target_options(command: Callable[P, R]) -> Callable[P, R]:
    """The command takes paths and the options of `TargetOptions`."""
    for option in reversed(_JOB_OPTIONS):
        command = option(command)
    return place_options(command)


def place_options(command: Callable[P, R]) -> Callable[P, R]:
    """The command takes paths and the options that say where they lead, whatever the jobs are."""
    for option in reversed(_PLACE_OPTIONS):
        command = option(command)
    return click.argument("paths", nargs=-1, type=given)(verbose_option(color_option(command)))


def check_paths(target: TargetOptions) -> None:
    """Raises UsageError for the JobId of a run in place of a path."""
    for path in target.paths:
        if _JOB_ID.fullmatch(path) and not os.path.exists(path):  # noqa: PTH110
            raise UsageError(f"there is no file or folder {path}", hint=f"a run is named by --job-id {path}")


job_id_option = text_option(
    "--job-id",
    metavar="ID",
    help="Which run; without it, the one that has not ended.",
)
# Of commands that only look: what has ended is looked at, too.
looked_at_option = text_option(
    "--job-id",
    metavar="ID",
    help="Which run of the job; without it, the one under way, or else the newest.",
)
state_option = text_option(
    "--state-dir",
    type=path_name,
    metavar="DIR",
    help="Folder of the journal; otherwise $DLCAPPLY_STATE_DIR, or .dlcapply in the project.",
)
read_timeout_option = click.option(
    "--read-timeout",
    type=short_duration,
    metavar="DURATION",
    default="60s",
    show_default=True,
    help="Longest wait for one answer of PAI, to its last byte.",
)
