"""The options that several commands share."""

from __future__ import annotations

import os
import re
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click

from dlcapply.api.options import AT_A_TIME, MOST_AT_A_TIME, MOST_STOPS, ON_TIMEOUT, VIEWS
from dlcapply.disk import reason
from dlcapply.errors import UsageError
from dlcapply.rendering.formats import MARKDOWN_SIZES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dlcapply.api.options import TargetOptions

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

_LONGEST_WORD = 4096  # what is longer is a mistake, and some libraries fall over it
_LONGEST_SHOWN = 40
_JOB_ID = re.compile(r"dlc[0-9a-z]{6,40}")
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}


def text(value: str) -> str:
    """The words as they were typed; click.BadParameter for bytes that are not UTF-8."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise click.BadParameter(f"{_shown(value)} is not UTF-8 text") from error
    return value


def word(value: str) -> str:
    """A name or an address; click.BadParameter for what none can be."""
    given(value)
    if len(value) > _LONGEST_WORD:
        raise click.BadParameter(f"{_shown(value)} has {len(value):,} characters")
    if not value.isprintable():
        raise click.BadParameter(f"{_shown(value)} has characters that can't be printed")
    return value


def file_name(value: str) -> str:
    """The name of a file, there or not; click.BadParameter for a folder's, and for what no file can have."""
    if Path(path_name(value)).is_dir():
        raise click.BadParameter(f"{_shown(value)} is a folder")
    return value


def path_name(value: str) -> str:
    """The name of a file or a folder, there or not; click.BadParameter for what neither can have."""
    given(value)
    try:
        Path(value).is_dir()
        os.fsencode(value)
    except (OSError, ValueError) as error:
        raise click.BadParameter(f"{_shown(value)}: {reason(error).lower()}") from error
    if "\0" in value:
        raise click.BadParameter(f"{_shown(value)} is not a name")
    return value


def given(value: str) -> str:
    """Any text; click.BadParameter where there is none.

    An empty one is of a script's variable that is not set: what was to narrow or to guard would be left out.
    """
    if not value:
        raise click.BadParameter("it is empty; leave it out, or set the variable that it comes from")
    return value


def or_empty(_: click.Context, __: click.Parameter, value: str | None) -> str:
    """The value of an option or an argument that was left out is the empty text, which none can be given."""
    return value or ""


def duration(text: str) -> float:
    """The seconds of `90`, `90s`, `5m`, `2h` or `90d`, at most a year."""
    return _seconds(text, "366d")


def short_duration(text: str) -> float:
    """The seconds of a time that a single call may take: more than none, and at most a day."""
    seconds = _seconds(text, "24h")
    if not seconds:
        raise click.BadParameter("no call is answered in no time; write 60s")
    return seconds


def _seconds(text: str, longest: str) -> float:
    match = re.fullmatch(r"([0-9]+)([smhd]?)", text)
    if match is None:
        raise click.BadParameter(f"{_shown(text)} is not a duration; write 90, 90s, 5m, 2h or 90d")
    seconds = float(match[1]) * _UNITS[match[2]]
    if seconds > int(longest[:-1]) * _UNITS[longest[-1]]:
        raise click.BadParameter(f"{_shown(text)} is too long; at most {longest}")
    return seconds


def _shown(text: str) -> str:
    return repr(text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…")


_PLACE_OPTIONS = (
    click.option(
        "-e",
        "--environment",
        type=word,
        callback=or_empty,
        metavar="NAME",
        help="Environment of the project.",
    ),
    click.option(
        "--region",
        type=word,
        callback=or_empty,
        metavar="NAME",
        help="Region, without a project file; otherwise $ALIBABA_CLOUD_REGION_ID.",
    ),
    click.option(
        "--workspace",
        type=word,
        callback=or_empty,
        metavar="ID",
        help="Workspace, without a project file; otherwise $PAI_WORKSPACE_ID.",
    ),
    click.option(
        "--owner",
        type=word,
        callback=or_empty,
        metavar="NAME",
        help="Whose runs these are, without a project file.",
    ),
    click.option(
        "--endpoint",
        type=word,
        callback=or_empty,
        metavar="URL",
        help="Address to use in place of the region's own.",
    ),
)


_JOB_OPTIONS = (
    click.option(
        "--view",
        type=click.Choice(VIEWS),
        callback=or_empty,
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
    for word in target.paths:
        if _JOB_ID.fullmatch(word) and not os.path.exists(word):  # noqa: PTH110
            raise UsageError(f"there is no file or folder {word}", hint=f"a run is named by --job-id {word}")


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


def pick(kind: type[T], options: Mapping[str, Any]) -> T:
    """The value that a command's options make, of those that belong to it; it may lack the default ones."""
    return kind(**{field.name: options[field.name] for field in fields(kind) if field.name in options})  # type: ignore[arg-type]


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


job_id_option = click.option(
    "--job-id",
    type=word,
    callback=or_empty,
    metavar="ID",
    help="Which run; without it, the one that has not ended.",
)
# Of commands that only look: what has ended is looked at, too.
looked_at_option = click.option(
    "--job-id",
    type=word,
    callback=or_empty,
    metavar="ID",
    help="Which run of the job; without it, the one under way, or else the newest.",
)
parallelism_option = click.option(
    "--parallelism",
    type=click.IntRange(1, MOST_AT_A_TIME),
    default=AT_A_TIME,
    show_default=True,
    help="Writes at a time.",
)
output_option = forms_option("text", "json")
changed_option = click.option(
    "--changed",
    type=word,
    callback=or_empty,
    metavar="REF",
    help="Only jobs that changes since the merge base with this commit reach.",
)
markdown_size_option = click.option(
    "--markdown-size",
    type=click.Choice(MARKDOWN_SIZES),
    default=MARKDOWN_SIZES[0],
    show_default=True,
    help="What -o markdown fits into: a comment or a step summary of GitHub.",
)
state_option = click.option(
    "--state-dir",
    type=path_name,
    callback=or_empty,
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
