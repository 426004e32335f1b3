"""A page that is whole: style and script stand in it, and its policy lets browsers load nothing else."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files

from dlcapply.rendering.html.elements import NOTHING, Html, tag, together
from dlcapply.runners import disarmed


def page(title: str, *content: Html, is_still: bool = False) -> str:
    """The document with its style, and its script unless it is still; a runner obeys nothing in it."""
    style, script = _shipped("plan.css"), "" if is_still else _shipped("plan.js")
    scripts = f" script-src '{_hash(script)}';" if script else ""
    policy = f"default-src 'none'; style-src '{_hash(style)}';{scripts} base-uri 'none'; form-action 'none'"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", title),
        tag("style", Html(style)),
    )
    body = tag("body", *content, tag("script", Html(script)) if script else NOTHING)
    markup = together(Html("<!DOCTYPE html>"), tag("html", head, body, lang="en"), between="\n").markup
    return disarmed(f"{markup}\n", colon="&#58;", bracket="&#91;")


@cache
def _shipped(name: str) -> str:
    return (files("dlcapply.rendering.html") / name).read_text("utf-8")


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
