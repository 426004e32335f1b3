"""`dlcapply render`: the manifests as they are after composition, for people and for other tools."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from dlcapply.cli.options import Where, pick, where_options

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dlcapply.cli.shell import Shell
    from dlcapply.manifest.canonical import Composed

YAML = "yaml"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A composed manifest as it may be shown; `origins` tells of each leaf by its path, if that was asked."""

    manifest: dict[str, Any]
    origins: dict[str, str] | None
    is_masked: bool


@click.command()
@where_options
@click.option(
    "--origins", is_flag=True, help="Say of each value where it was written, and through what it came."
)
@click.option(
    "-o", "--output", multiple=True, metavar="FORMAT[=FILE]", help="yaml or json; repeatable, with a file."
)
@click.pass_obj
def render(shell: Shell, /, *, origins: bool, **options: Any) -> None:
    """Print the manifests with parents, defaults and variables resolved, and secrets masked.

    The YAML is canonical, and itself valid manifests.
    """
    from dlcapply.cli.loading import load_composed
    from dlcapply.cli.printing import JSON, parse_outputs, report, say
    from dlcapply.cli.streams import stderr
    from dlcapply.rendering.documents import to_json

    outputs = parse_outputs(options["output"], forms=(YAML, JSON))
    composed = load_composed(pick(Where, options), shell.environ)
    rendered = [_rendered(one, origins=origins) for one in composed]
    report(outputs, shell, others={YAML: lambda: _yaml(rendered), JSON: lambda: to_json(_document(rendered))})
    if any(one.is_masked for one in rendered):
        say(stderr(), shell, "secrets are masked: this is for reading, not for applying")


def _rendered(composed: Composed, *, origins: bool) -> Rendered:
    from dlcapply.manifest.nodes import plain
    from dlcapply.manifest.sources import leaves
    from dlcapply.planning.masking import masked

    manifest = plain(composed.document)
    spec = {key: masked(value, key) for key, value in manifest["spec"].items()}
    origin_of = {path: composed.sources.of(node) for path, node in leaves(composed.document)}
    return Rendered(manifest | {"spec": spec}, origin_of if origins else None, spec != manifest["spec"])


def _yaml(rendered: Iterable[Rendered]) -> str:
    from dlcapply.manifest.writing import to_yaml

    return "".join(to_yaml(one.manifest, one.origins.values() if one.origins else None) for one in rendered)


def _document(rendered: Iterable[Rendered]) -> dict[str, Any]:
    from dlcapply.manifest.canonical import present
    from dlcapply.rendering.documents import render_document

    return render_document((present(one.manifest), one.origins) for one in rendered)
