"""The tags that labels and settings make."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dlcapply.manifest.nodes import Node, entries, get, items
from dlcapply.manifest.rules.rule import Path, Problem, Rule, Subject
from dlcapply.model.jobs import LONGEST_TAG, MARK_PREFIX, Identity
from dlcapply.pai import CLONE_TAG, IN_PLACE

if TYPE_CHECKING:
    from collections.abc import Iterator

_TAG_MAPS = (("metadata", "labels"), ("spec", "Settings", "Tags"))
_MAX_TAGS = 20
# Owner, origin, spec, around, hidden, token and operation; one more for the fields that PAI changes in place,
# for variables of the environment, for protection, and for what the run is started from.
_ALWAYS = 7
# Whether PAI tells such keys apart by case is not documented.
_RESERVED = re.compile(r"(aliyun|acs:)|.*https?://", re.IGNORECASE | re.DOTALL)


def _tag_maps(subject: Subject) -> Iterator[tuple[Path, str, Node]]:
    for path in _TAG_MAPS:
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
        if not key or len(key) > LONGEST_TAG:
            yield Problem(
                f"a tag's key has 1 to {LONGEST_TAG} characters", node, path, "choose another key", True
            )
        elif _RESERVED.match(key):
            message = "a tag's key can't start with aliyun or acs:, nor hold http:// or https://"
            yield Problem(message, node, path, "choose another key", at_key=True)


def _tag_count(subject: Subject) -> Iterator[Problem]:
    """The limit of TagResources (SDK); that of Settings.Tags is not documented."""
    maps = [(path, get(subject.document, *path)) for path in _TAG_MAPS]
    count = len({key for _, node in maps for key in entries(node)}) + _marks(subject)
    if count > _MAX_TAGS:
        path, node = max(
            ((path, node) for path, node in maps if node), key=lambda item: len(entries(item[1]))
        )
        ours = f"{_marks(subject)} of them our marks"
        message = f"a run would carry {count} tags, {ours}, and PAI takes {_MAX_TAGS}"
        yield Problem(message, node, path, "leave out some labels or tags", at_key=True)


def _marks(subject: Subject) -> int:
    """How many tags dlcapply may add, those included that git and the CI system may give a reason for."""
    environment = subject.environment
    if environment and environment.identity is Identity.NAME:
        return 0
    protect = get(subject.document, "run", "protect")
    return (
        _ALWAYS
        + bool(entries(subject.spec).keys() & set(IN_PLACE))
        + bool(items(get(subject.document, "envFrom")))
        + (protect is not None and protect.value is True)
        + (environment is None or environment.provenance)
    )


RULES = (
    Rule("reserved-tag", _reserved_tags),
    Rule("tag-key", _tag_keys),
    Rule("tag-count", _tag_count, disputed=True),
)
