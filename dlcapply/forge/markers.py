"""Hidden first lines by which what was written before is found again.

They are at the very beginning, where no text of a manifest can come to stand, and hold nothing that could end
an HTML comment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

_MARKER = re.compile(
    r"<!-- dlcapply-([a-z]{1,20}) owner=([\w%.~]*) origin=([\w%.~]*)"
    r" run=([0-9]{1,18})\.([0-9]{1,18}) commit=([0-9a-f]{0,64}) -->(?:\r?\n|$)"
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is told about: `kind` is plan or drift, the rest says whose."""

    kind: str
    owner: str
    origin: str


@dataclass(frozen=True, slots=True)
class Marker:
    """`run` is the number and the attempt of the run that wrote it, `commit` what it was about."""

    subject: Subject
    run: tuple[int, int]
    commit: str


def marked(body: str, marker: Marker) -> str:
    """The body with its marker in front."""
    subject, (number, attempt) = marker.subject, marker.run
    owner, origin = (_quoted(text) for text in (subject.owner, subject.origin))
    begun = f"<!-- dlcapply-{subject.kind} owner={owner} origin={origin}"
    return f"{begun} run={number}.{attempt} commit={marker.commit} -->\n{body}"


def _quoted(text: str) -> str:
    """Without what would end the comment, or what some readers take for its end: two hyphens."""
    return quote(text, safe="").replace("-", "%2D")


def marker_of(body: str) -> Marker | None:
    """The marker that the body begins with."""
    found = _MARKER.match(body)
    if found is None:
        return None
    kind, owner, origin, number, attempt, commit = found.groups()
    subject = Subject(kind, unquote(owner), unquote(origin))
    return Marker(subject, (int(number), int(attempt)), commit)
