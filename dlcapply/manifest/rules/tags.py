"""The tags that labels and settings make."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dlcapply.manifest.nodes import Node, entries, get
from dlcapply.manifest.rules.subject import Path, Problem, Rule, Subject
from dlcapply.model import CLONE_TAG, MARK_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_TAG_KEY = 128
# Whether PAI tells such keys apart by case is not documented.
_RESERVED = re.compile(r"(aliyun|acs:)|.*https?://", re.IGNORECASE | re.DOTALL)


def _tag_maps(subject: Subject) -> Iterator[tuple[Path, str, Node]]:
    for path in (("metadata", "labels"), ("spec", "Settings", "Tags")):
        for key, node in entries(get(subject.document, *path)).items():
            yield (*path, key), key, node


def _reserved_tags(subject: Subject) -> Iterator[Problem]:
    """Marks are ours, and a run with the tag of clones counts as nobody's."""
    for path, key, node in _tag_maps(subject):
        if key.lower().startswith(MARK_PREFIX):
            hint = "dlcapply writes these tags itself; choose another name"
            yield Problem(f"tags that start with {MARK_PREFIX} are reserved", node, path, hint, at_key=True)
        elif key.lower() == CLONE_TAG.lower():
            hint = "leave it out: the command that PAI's console exports of a cloned job carries it"
            message = f"the tag {CLONE_TAG} is PAI's own, for clones made in its console"
            yield Problem(message, node, path, hint, at_key=True)


def _tag_keys(subject: Subject) -> Iterator[Problem]:
    """PAI's limits of a tag's key (SDK, TagResources)."""
    for path, key, node in _tag_maps(subject):
        if not key or len(key) > _MAX_TAG_KEY:
            yield Problem(
                f"a tag's key has 1 to {_MAX_TAG_KEY} characters", node, path, "choose another key", True
            )
        elif _RESERVED.match(key):
            message = "a tag's key can't start with aliyun or acs:, nor hold http:// or https://"
            yield Problem(message, node, path, "choose another key", at_key=True)


RULES = (
    Rule("reserved-tag", _reserved_tags),
    Rule("tag-key", _tag_keys),
)
