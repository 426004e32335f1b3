"""`dlcapply schema`: the shipped JSON Schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dlcapply.cli.options.values import or_empty, word

if TYPE_CHECKING:
    from dlcapply.cli.shell import Shell


@click.command()
@click.argument("name", type=word, required=False, callback=or_empty)
@click.pass_obj
def schema(_: Shell, /, *, name: str) -> None:
    """Print a JSON Schema, or list them.

    They describe job and project files, and what -o json prints.
    """
    import json

    from dlcapply.errors import UsageError
    from dlcapply.manifest.schema.shipped import schema_texts

    texts = schema_texts()
    if not name:
        for known, text in texts.items():
            click.echo(f"{known:<14}{json.loads(text)['title']}")
    elif name in texts:
        click.echo(texts[name], nl=False)
    else:
        raise UsageError(f"there is no schema {name}", hint=f"one of: {', '.join(texts)}")
