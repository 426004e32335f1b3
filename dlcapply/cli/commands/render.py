"""`dlcapply render`: the manifests as they are after composition, for people and for other tools."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from dlcapply.api.options import TargetOptions
from dlcapply.cli.options.target import target_options
from dlcapply.cli.options.values import pick

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
@target_options
@click.option(
    "--origins", is_flag=True, help="Say of each value where it was written, and through what it came."
)
@click.option(
    "-o", "--output", multiple=True, metavar="FORMAT[=FILE]", help="yaml or json; repeatable, with a file."
)
@click.pass_obj
def render(shell: Shell, /, *, origins: bool, **options: Any) -> None:
    """Print the manifests as composed, with secrets masked.

    Parents, defaults and variables are resolved. The YAML is canonical, and itself valid manifests.
    """
    from dlcapply.api.load import load_composed
    from dlcapply.cli.printing import parse_outputs, report, say
    from dlcapply.cli.streams import stderr
    from dlcapply.rendering.formats import JSON
    from dlcapply.rendering.json_documents import to_json

    outputs = parse_outputs(options["output"], forms=(YAML, JSON))
    composed = load_composed(pick(TargetOptions, options), shell.environ)
    rendered = [_rendered(one, origins=origins) for one in composed]
    report(
        outputs, shell, formats={YAML: lambda: _yaml(rendered), JSON: lambda: to_json(_document(rendered))}
    )
    if any(one.is_masked for one in rendered):
        say(stderr(), shell, "secrets are masked: this is for reading, not for applying")


def _rendered(composed: Composed, *, origins: bool) -> Rendered:
    from dlcapply.manifest.compose.variables import secret_values
    from dlcapply.manifest.nodes import leaves, plain

    manifest = plain(composed.document)
    hidden = secret_values(composed.sources.variables)
    shown = {key: _shown(value, key, hidden) for key, value in manifest.items()}
    shown["metadata"]["name"] = manifest["metadata"]["name"]
    origin_of = {path: composed.sources.of(node) for path, node in leaves(composed.document)}
    return Rendered(shown, origin_of if origins else None, shown != manifest)


def _shown(value: Any, key: str, hidden: tuple[str, ...]) -> Any:
    """The part of a manifest without secrets; `run` holds a token that is none."""
    from dlcapply.planning.masking import masked

    match key, value:
        case "run", _:
            return value
        case "spec", dict():
            return {inner: masked(item, inner, secret_texts=hidden) for inner, item in value.items()}
        case _:
            return masked(value, key, secret_texts=hidden)


def _yaml(rendered: Iterable[Rendered]) -> str:
    from dlcapply.manifest.yaml.writer import to_yaml

    return "".join(to_yaml(one.manifest, one.origins.values() if one.origins else None) for one in rendered)


def _document(rendered: Iterable[Rendered]) -> dict[str, Any]:
    from dlcapply.manifest.canonical import effective
    from dlcapply.rendering.json_documents import render_document

    return render_document((effective(one.manifest), one.origins) for one in rendered)
