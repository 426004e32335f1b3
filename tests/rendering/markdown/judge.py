"""What GitHub makes of Markdown: the document that a parser reads, and what is found in its text afterwards.

markdown-it has no extended autolinks, mentions or references: those are looked for here, outside of code, by
what GitHub documents of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from markdown_it import MarkdownIt

from dlcapply.runners import looks_like_command

BLOCKS = {"p", "hr", "h1", "h2", "h3", "h4", "ul", "ol", "li", "pre", "blockquote", "details", "summary"}
OURS = BLOCKS | {"br", "wbr", "strong", "em", "code", "table", "thead", "tbody", "tr", "th", "td"}
OUR_ATTRIBUTES = frozenset({("pre", "lang"), ("td", "style"), ("th", "style"), ("ol", "start")})
_VOID = frozenset({"br", "hr", "wbr"})
_AS_IT_IS = frozenset({"code", "pre"})
_FOUND_LATER = re.compile(
    r"""
      @[A-Za-z0-9]                                   # a mention, an address of mail
    | \#[0-9] | \b(?:GH|[A-Z]{2,})-[0-9]             # an issue, here or elsewhere, and custom references
    | \b(?:GHSA|CVE)-
    | :[A-Za-z0-9_+-]+:                              # emoji
    | \$                                             # mathematics
    | (?:https?|ftp|mailto|xmpp): | ://              # addresses
    | www\.
    | \b[0-9a-f]{7,40}\b                             # commits
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(slots=True)
class Read:
    """A document as it is read: each text with the elements around it, the innermost last."""

    texts: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    elements: list[tuple[str, tuple[tuple[str, str | None], ...]]] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    unclosed: tuple[str, ...] = ()

    def text_in(self, element: str) -> str:
        return "".join(text for text, around in self.texts if element in around)

    @property
    def tags(self) -> set[str]:
        return {tag for tag, _ in self.elements}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.read, self._around = Read(), []

    def handle_starttag(self, tag, attrs):
        self.read.elements.append((tag, tuple(attrs)))
        if tag not in _VOID:
            self._around.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag):
        assert self._around, f"</{tag}> ends nothing"
        assert self._around[-1] == tag, f"</{tag}> ends <{self._around[-1]}>"
        self._around.pop()

    def handle_data(self, data):
        self.read.texts.append((data, tuple(self._around)))

    def handle_comment(self, data):
        self.read.comments.append(data)

    def close(self):
        super().close()
        self.read.unclosed = tuple(self._around)


def to_html(markdown: str) -> str:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return parser.render(markdown)


def read(markdown: str) -> Read:
    reader = _Reader()
    reader.feed(to_html(markdown))
    reader.close()
    return reader.read


def judged(markdown: str) -> Read:
    """The document as it is read; fails where anything in it is more than text in elements of ours."""
    document = read(markdown)
    assert not document.unclosed
    assert document.tags <= OURS, document.tags - OURS
    attributes = {(tag, name) for tag, attrs in document.elements for name, _ in attrs}
    assert attributes <= OUR_ATTRIBUTES, attributes - OUR_ATTRIBUTES
    assert not document.comments
    assert "<!" not in markdown
    for text, around in document.texts:
        if not _AS_IT_IS & set(around):
            assert not (found := _FOUND_LATER.search(text)), (found, text)
    assert not looks_like_command(markdown)
    assert all(row.isprintable() for row in markdown.split("\n"))
    return document
