"""A page that is whole: style and script stand in it, and its policy lets browsers load nothing else."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files

from dlcapply.rendering.html.elements import Html, tag, together
from dlcapply.runners import disarmed


def page(title: str, *content: Html, name: str) -> str:
    """The document with the style and the script of that name; nothing in it would be obeyed by a runner."""
    style, script = _shipped(f"{name}.css"), _shipped(f"{name}.js")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}';"
        " base-uri 'none'; form-action 'none'"
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", title),
        tag("style", Html(style)),
    )
    body = tag("body", *content, tag("script", Html(script)))
    markup = together(Html("<!DOCTYPE html>"), tag("html", head, body, lang="en"), between="\n").markup
    return disarmed(f"{markup}\n", colon="&#58;", bracket="&#91;")


@cache
def _shipped(name: str) -> str:
    return (files("dlcapply.rendering.html") / name).read_text("utf-8")


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
