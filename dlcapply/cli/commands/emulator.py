"""`dlcapply emulator`: the embedded service, standing alone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from dlcapply.cli.options import file_name, word

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dlcapply.cli.shell import Shell
    from dlcapply.emulator import Emulator

_SLOWEST, _FASTEST = 0.001, 1_000_000
_LOOPBACK = ("127.", "::1", "localhost")


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = math.nan
    if not _SLOWEST <= speed <= _FASTEST:
        raise click.BadParameter(
            f"{text[:40]!r} is not a speed; write a number from {_SLOWEST} to {_FASTEST:,}"
        )
    return speed


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes a free one."
)
@click.option("--name", "names", type=word, multiple=True, help="A name that clients know it by; repeatable.")
@click.option(
    "--host",
    type=word,
    default="127.0.0.1",
    metavar="ADDRESS",
    show_default=True,
    help="Address to listen at.",
)
@click.option(
    "--state", type=file_name, default=None, metavar="FILE", help="File that keeps the jobs; else memory."
)
@click.option(
    "--clock", type=click.Choice(["real", "still"]), default=None, help="Whether time passes by itself."
)
@click.option("--speed", type=_speed, default=None, metavar="NUMBER", help="Emulated seconds in a second.")
@click.option(
    "--scenario", type=file_name, default=None, metavar="FILE", help="YAML file of what there is and fails."
)
@click.option(
    "--log", type=file_name, default=None, metavar="FILE", help="File for a line of JSON per request."
)
@click.option("--no-control", is_flag=True, help="Close the control routes below /_emulator/.")
@click.pass_obj
def emulator(_: Shell, /, **options: Any) -> None:
    """Serve PAI-DLC and AIWorkSpace on this machine until interrupted."""
    from dlcapply.disk import reason
    from dlcapply.emulator import ScenarioError, StateError, serve_forever
    from dlcapply.errors import DlcapplyError

    try:
        served = _emulator(options)
        serve_forever(served, announce=_announcer(served))
    except StateError as error:
        raise DlcapplyError(str(error), hint="name another file with --state or --log") from error
    except ScenarioError as error:
        raise DlcapplyError(f"{options['scenario']}: {error}", hint="see docs/emulator.md") from error
    except (OSError, UnicodeError) as error:
        what = f"{options['host']} port {options['port']} can't be served: {reason(error)}"
        raise DlcapplyError(what, hint="name another with --host or --port") from error


def _emulator(options: dict[str, Any]) -> Emulator:
    from dlcapply.emulator import Emulator
    from dlcapply.manifest.files.scenario import read_scenario_file

    others = {name: _file(options[name], f"--{name}") for name in ("state", "log")}
    document = read_scenario_file(options["scenario"]) if options["scenario"] else {}
    clock = _clock(options, document)
    return Emulator.from_scenario(
        document,
        **others,
        **({"clock": clock} if clock else {}),
        host=options["host"],
        port=options["port"],
        names=options["names"],
        control=not options["no_control"],
    )


def _file(name: str | None, option: str) -> Path | None:
    """The file that the emulator may keep; raises DlcapplyError for a pipe, a device, or a planted link."""
    from pathlib import Path

    from dlcapply.disk import check_file, reason
    from dlcapply.errors import DlcapplyError

    if not name:
        return None
    try:
        check_file(name)
    except OSError as error:
        hint = f"name another file with {option}"
        raise DlcapplyError(f"{name} can't be used: {reason(error)}", hint=hint) from error
    return Path(name)


def _clock(options: dict[str, Any], document: Any) -> Any:
    """The clock that the options ask for; None where they leave it to the scenario."""
    from dlcapply.emulator import Clock
    from dlcapply.errors import UsageError

    kind, speed = options["clock"], options["speed"]
    if kind == "still" and speed:
        raise UsageError("--clock still has no --speed")
    if kind is None and speed is None:
        return None if "clock" in document else Clock.real()
    try:
        return Clock.still() if kind == "still" else Clock.real(speed=speed or 1.0)
    except ValueError as error:
        raise UsageError(f"--speed: {error}") from error


def _announcer(served: Emulator) -> Callable[[str], None]:
    from dlcapply.rendering.escaping import printable

    def announce(address: str) -> None:
        _warn_of_strangers(served.host)
        for text in _lines(served, address):
            click.echo(printable(text))

    return announce


def _warn_of_strangers(host: str) -> None:
    from dlcapply.rendering.escaping import printable

    if not host.startswith(_LOOPBACK):
        text = f"warning: whoever reaches {host} can use this emulator: its keys are public"
        click.echo(printable(text), err=True)


def _lines(served: Emulator, address: str) -> list[str]:
    from dlcapply.emulator import KEY_ID

    key_id, user = next(iter(served.users.items()))
    workspace = next((one.workspace_id for one in served.workspaces if one.is_default), "none by default")
    secret = user.secret if key_id == KEY_ID else "<the secret of your scenario>"
    return [
        f"PAI-DLC and AIWorkSpace emulator at http://{address}, workspace {workspace}; Ctrl-C ends it.",
        "Use it from another terminal:",
        f"  export ALIBABA_CLOUD_ACCESS_KEY_ID={key_id}",
        f"  export ALIBABA_CLOUD_ACCESS_KEY_SECRET={secret}",
        f"  dlcapply plan manifests -e local --endpoint http://{address}",
        f'SDKs: Config(endpoint="{address}", protocol="http", region_id="cn-hangzhou")',
        *([f"Control: curl http://{address}/_emulator/clock"] if served.control else []),
    ]
