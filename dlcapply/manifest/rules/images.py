"""Images: a full address, a tag that stays, and a registry nearby."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dlcapply.manifest.nodes import Node, get, string
from dlcapply.manifest.rules.rule import Found, Problem, Rule, Subject, numbered
from dlcapply.model.findings import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

# registry[-vpc].REGION.aliyuncs.com, NAME-registry[-vpc].REGION.cr.aliyuncs.com (Container Registry)
_REGION = re.compile(r"[a-z0-9-]+\.([a-z]+-[a-z0-9-]+)\.(?:cr\.)?aliyuncs\.com")


def _images(subject: Subject) -> Iterator[Found]:
    for path, role in subject.roles:
        if (image := get(role, "Image")) and string(image):
            yield (*path, "Image"), image
        for kind in ("InitContainers", "SideCarContainers"):
            inner = (*path, "ExtraPodSpec", kind)
            for where, container in numbered(get(role, "ExtraPodSpec", kind), inner):
                if (image := get(container, "Image")) and string(image):
                    yield (*where, "Image"), image


def _host(image: Node) -> str:
    """The registry's address; empty where the image names none."""
    first, slash, _ = string(image).partition("/")
    return first if slash and (set(first) & set(".:") or first == "localhost") else ""


def _unaddressed(subject: Subject) -> Iterator[Problem]:
    """The full address, not a name or an id (API page, JobSpec.Image)."""
    for path, image in _images(subject):
        if not _host(image):
            hint = "write the full address: REGISTRY/REPOSITORY:TAG"
            yield Problem(f"the image {image.value} names no registry", image, path, hint)


def _moving(subject: Subject) -> Iterator[Problem]:
    for path, image in _images(subject):
        name = string(image).rpartition("/")[2]
        tag = name.partition(":")[2]
        if "@" not in name and tag in {"", "latest"}:
            said = "the tag latest" if tag else "no tag"
            hint = "name a tag that stays, or a digest: the same manifest then runs the same code"
            yield Problem(f"the image has {said}, so what runs can change", image, path, hint)


def _regions(subject: Subject) -> Iterator[Problem]:
    here = subject.environment.region if subject.environment else ""
    for path, image in _images(subject) if here else ():
        found = _REGION.fullmatch(_host(image))
        if found and found[1] != here:
            message = f"the image's registry is in {found[1]}, and the job runs in {here}"
            yield Problem(message, image, path, f"pull from a registry in {here}")


RULES = (
    Rule("image-registry", _unaddressed, Level.WARNING),
    Rule("image-tag-latest", _moving, Level.WARNING),
    Rule("image-region", _regions, Level.WARNING),
)
