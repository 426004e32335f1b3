"""`dlcapply emulator`: the embedded service, standing alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from dlcapply.cli.shell import Shell


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes a free one."
)
@click.option(
    "--state", type=click.Path(dir_okay=False), default=None, help="File that keeps the jobs; else memory."
)
@click.option(
    "--speed", type=click.FloatRange(min=0.001), default=1.0, show_default=True, help="Of its clock."
)
@click.option(
    "--log", type=click.Path(dir_okay=False), default=None, help="File for a line of JSON per request."
)
@click.pass_obj
def emulator(_: Shell, /, *, port: int, state: str | None, speed: float, log: str | None) -> None:
    """Serve PAI-DLC and AIWorkSpace on this machine until interrupted."""
    from pathlib import Path

    from dlcapply.emulator import Clock, Emulator, StateError, serve_forever
    from dlcapply.errors import DlcapplyError

    served = Emulator(
        Path(state) if state else None,
        clock=Clock.real(speed=speed),
        log=Path(log) if log else None,
        port=port,
    )
    try:
        serve_forever(served, announce=_announce)
    except StateError as error:
        raise DlcapplyError(str(error), hint="name another file with --state") from error
    except OSError as error:
        raise DlcapplyError(
            f"port {port} can't be served: {error.strerror or error}", hint="name another with --port"
        ) from error


def _announce(address: str) -> None:
    from dlcapply.emulator import KEY_ID, SECRET

    click.echo(f"PAI-DLC and AIWorkSpace emulator at http://{address}, workspace 1001; Ctrl-C ends it.")
    click.echo("Use it from another terminal:")
    click.echo(f"  export ALIBABA_CLOUD_ACCESS_KEY_ID={KEY_ID}")
    click.echo(f"  export ALIBABA_CLOUD_ACCESS_KEY_SECRET={SECRET}")
    click.echo(f"  dlcapply plan manifests -e local --endpoint http://{address}")
