"""`dlcapply metrics`: what PAI measured of a run, pod by pod."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dlcapply.api.options import METRICS
from dlcapply.cli.options.target import looked_at_option, name_options
from dlcapply.cli.options.telling import output_option
from dlcapply.cli.options.values import duration, text_option

if TYPE_CHECKING:
    from dlcapply.cli.shell import Shell


@click.command()
@name_options
@looked_at_option
@click.option(
    "--metric",
    "metrics",
    type=click.Choice(METRICS, case_sensitive=False),
    multiple=True,
    metavar="METRIC",
    help=f"Only this metric; repeatable. Metrics are {', '.join(METRICS)}.",
)
@click.option(
    "--since",
    type=duration,
    default="1h",
    show_default=True,
    metavar="DURATION",
    help="How long before now, or before the run's end.",
)
@text_option(
    "--step",
    metavar="STEP",
    help="Time between two values, such as 10s, 5m or 1h; without it, the finest that takes one call.",
)
@click.option("--all", "full", is_flag=True, help="Every pod of large runs.")
@output_option
@click.pass_obj
def metrics(shell: Shell, /, **options: Any) -> None:
    """Show how far the run of NAME uses what it has.

    For each pod the least, the median and the greatest value of the time, and a curve; of many pods those of
    the least and of the greatest medians. NAME is a job's, or a JobId.
    """
    from dlcapply.api.inspecting.metrics import measured
    from dlcapply.cli.connecting import found_run
    from dlcapply.cli.printing import Fitting, parse_outputs, report
    from dlcapply.cli.streams import stdout
    from dlcapply.rendering.formats import JSON, TEXT
    from dlcapply.rendering.inspection_documents import metrics_document
    from dlcapply.rendering.json_documents import to_json
    from dlcapply.rendering.text.metrics import metrics_lines
    from dlcapply.rendering.text.sparklines import glyphs_for

    outputs = parse_outputs(options["output"])
    wanted = tuple(dict.fromkeys(options["metrics"])) or METRICS
    with found_run(shell, options) as of:
        found = measured(
            of.manifests, of.service, of.named, wanted, since=options["since"], step=options["step"]
        )
    glyphs = glyphs_for("ascii" if _is_plain(shell) else stdout().encoding)
    report(
        outputs,
        shell,
        formats={
            TEXT: Fitting(
                lambda width: metrics_lines(found, width=width, glyphs=glyphs, full=options["full"])
            ),
            JSON: lambda: to_json(metrics_document(found)),
        },
    )


def _is_plain(shell: Shell) -> bool:
    """Whether the terminal only prints, or the locale is the one without any characters but ASCII's.

    Python takes the latter for UTF-8 (PEP 540), whatever its terminal can show.
    """
    environ = shell.environ
    locale = next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "")
    return environ.get("TERM") == "dumb" or locale in {"C", "POSIX"}
