"""The options that several commands share."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click

from dlcapply.secrecy import is_random, is_secret_name, is_token

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

# In place of a value that may be a secret; what it stands for is given anew.
HIDDEN = "…"

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}


def duration(text: str) -> float:
    """The seconds of `90`, `90s`, `5m` or `2h`."""
    match = re.fullmatch(r"(\d+)([smh]?)", text)
    if match is None:
        raise click.BadParameter(f"{text!r} is no duration; write 90, 90s, 5m or 2h")
    return float(int(match[1]) * _UNITS[match[2]])


@dataclass(frozen=True, slots=True)
class Where:
    """The options that say which manifests, and where to."""

    paths: tuple[str, ...] = ()
    environment: str = ""
    region: str = ""
    workspace: str = ""
    owner: str = ""
    endpoint: str = ""
    var: tuple[str, ...] = ()
    var_file: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wishes:
    """The options that change what a plan does."""

    prune: bool = False
    allow_replace: tuple[str, ...] = ()
    no_preflight: bool = False


_WHERE = (
    click.option("-e", "--environment", default="", help="Environment of the project."),
    click.option(
        "--region", default="", help="Region, without a project file; else $ALIBABA_CLOUD_REGION_ID."
    ),
    click.option(
        "--workspace", default="", help="Workspace, without a project file; else $PAI_WORKSPACE_ID."
    ),
    click.option("--owner", default="", help="Whose runs these are, without a project file."),
    click.option("--endpoint", default="", help="Address to use in place of the region's own."),
    click.option(
        "--var", multiple=True, metavar="NAME=VALUE", help="Value of a declared variable; repeatable."
    ),
    click.option(
        "--var-file", multiple=True, metavar="FILE", help="YAML file of variable values; repeatable."
    ),
    click.option(
        "--select",
        multiple=True,
        metavar="PATTERN",
        help="Only jobs of this name glob or label=value; repeatable.",
    ),
    click.option(
        "--exclude",
        multiple=True,
        metavar="PATTERN",
        help="Not jobs of this name glob or label=value; repeatable.",
    ),
)


# The spelling of each option of `Where` in a command that is printed to be typed.
_SPELLINGS = {
    "environment": "-e",
    "region": "--region",
    "workspace": "--workspace",
    "owner": "--owner",
    "endpoint": "--endpoint",
    "var": "--var",
    "var_file": "--var-file",
    "select": "--select",
    "exclude": "--exclude",
}


def options_of(where: Where) -> list[str]:
    """The options as they are typed."""
    words: list[str] = []
    for name, option in _SPELLINGS.items():
        given = getattr(where, name)
        values = (given,) if isinstance(given, str) and given else given
        values = map(_without_secret, given) if name == "var" else values
        words += [word for value in values for word in (option, value)]
    return words


def _without_secret(pair: str) -> str:
    """NAME=VALUE as it may be printed: the one who reads a plan need not be the one who typed it."""
    name, equals, value = pair.partition("=")
    is_secret = is_secret_name(name) or is_token(value) or is_random(value)
    return f"{name}{equals}{HIDDEN}" if is_secret and value else pair


_WISHES = (
    click.option("--prune", is_flag=True, help="Stop active runs that no manifest declares any more."),
    click.option(
        "--allow-replace",
        multiple=True,
        metavar="NAME",
        help="Consent to replace this job's active run; repeatable.",
    ),
    click.option("--no-preflight", is_flag=True, help="Do not look up instance types."),
)


def _set_color(context: click.Context, _: click.Parameter, value: str) -> None:
    context.obj = replace(context.obj, color=value)


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


def where_options(command: Callable[P, R]) -> Callable[P, R]:
    """The command takes paths and the options of `Where`."""
    for option in reversed(_WHERE):
        command = option(command)
    return click.argument("paths", nargs=-1)(color_option(command))


def wish_options(command: Callable[P, R]) -> Callable[P, R]:
    """The command takes the options of `Wishes`."""
    for option in reversed(_WISHES):
        command = option(command)
    return command


def pick(kind: type[T], options: Mapping[str, Any]) -> T:
    """The value that a command's options make, of those that belong to it."""
    return kind(**{field.name: options[field.name] for field in fields(kind)})  # type: ignore[arg-type]


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
    "--job-id", default="", metavar="ID", help="Which run; without it, the one that has not ended."
)
output_option = forms_option("text", "json")
read_timeout_option = click.option(
    "--read-timeout",
    type=duration,
    default="60s",
    show_default=True,
    help="Longest wait for one answer of PAI.",
)
