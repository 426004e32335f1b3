"""`dlcapply emulator`: the embedded service, standing alone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from dlcapply.cli.options.values import file_name, pick, word

if TYPE_CHECKING:
    from dlcapply.api.emulator import Serving
    from dlcapply.cli.shell import Shell

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


_SERVED = "PAI-DLC, AIWorkSpace and PaiStudio"


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
    "--state",
    type=file_name,
    default=None,
    metavar="FILE",
    help="File that keeps the jobs, which are otherwise in memory.",
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
    """Serve an emulator of PAI on this machine until interrupted."""
    from dlcapply.api.emulator import EmulatorOptions, serve_emulator

    serve_emulator(pick(EmulatorOptions, options), announce=_announce)


def _announce(serving: Serving) -> None:
    from dlcapply.one_line import printable

    if not serving.host.startswith(_LOOPBACK):
        text = f"warning: whoever reaches {serving.host} can use this emulator: its keys are public"
        click.echo(printable(text), err=True)
    for text in _lines(serving):
        click.echo(printable(text))


def _lines(serving: Serving) -> list[str]:
    address, workspace = serving.address, serving.workspace or "none by default"
    return [
        f"{_SERVED} emulator at http://{address}, workspace {workspace}; Ctrl-C ends it.",
        "Use it from another terminal:",
        f"  export ALIBABA_CLOUD_ACCESS_KEY_ID={serving.key_id}",
        f"  export ALIBABA_CLOUD_ACCESS_KEY_SECRET={serving.secret or '<the secret of your scenario>'}",
        f"  dlcapply plan manifests -e local --endpoint http://{address}",
        f'SDKs: Config(endpoint="{address}", protocol="http", region_id="cn-hangzhou")',
        *([f"Control: curl http://{address}/_emulator/clock"] if serving.has_control else []),
    ]
