"""Why an image can't be pulled, in the words of registries, containerd, Docker and Kubernetes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from dlcapply.diagnosis.verdicts import Code
from dlcapply.diagnosis.wordings import worded

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dlcapply.diagnosis.facts import Request
    from dlcapply.diagnosis.texts import Statement

# What is about an image that was not pulled.
PULL_FAILED = worded(
    r"ErrImagePull",
    r"ErrImageNeverPull",
    r"ImagePullBackOff",
    r"ImageInspectError",
    r"InvalidImageName",
    r"ImagePullFailed",
    r"fail(?:ed|s|ure)?\b.{0,20}\bto pull\b",
    r"Back-off pulling",
    r"pull(?:ing)?(?: the)? image.{0,200}(?:fail|error|time)",
    r"fail(?:ed)? to resolve (?:reference|image)",
    r"failed to pull and unpack",
    r"image .{0,200}can(?:no|')t be pulled",
    r"pull access denied",
    r"manifest unknown",
    r"镜像.{0,20}(?:拉取|下载).{0,10}(?:失败|超时|错误)",
    r"拉取镜像.{0,20}(?:失败|超时|错误)",
)
_DENIED = worded(
    r"pull access denied",
    r"\bunauthori[sz]ed\b",
    r"authentication required",
    r"authorization failed",
    r"insufficient_scope",
    r"no basic auth credentials",
    r"access (?:to .{0,80} )?(?:is |was )?(?:forbidden|denied)",
    r"\bforbidden\b",
    r"\bdenied\b",
    r"\b40[13]\b",
    r"not authorized|no pull access",
    r"permission",
    r"incorrect username or password",
    r"无权限",
    r"没有权限",
    r"认证失败",
    r"鉴权失败",
    r"未授权",
)
_MISSING = worded(
    r"manifest unknown",
    r"manifest .{0,300}not found",
    r"not found: manifest",
    r"\bname unknown\b",
    r"NAME_UNKNOWN",
    r"MANIFEST_UNKNOWN",
    r"\bnot found\b",
    r"does not exist",
    r"no such image|is not present with pull policy",
    r"unknown manifest",
    r"no matching manifest|no image found in (?:image index|manifest list)",
    r"\b404\b",
    r"tag .{0,80}(?:not exist|deleted)",
    r"repository .{0,200}not (?:found|exist)",
    r"镜像.{0,200}不存在",
    r"不存在.{0,20}镜像",
)
_BAD_NAME = worded(
    r"InvalidImageName",
    r"couldn't parse image",
    r"invalid reference format",
    r"failed to parse (?:image|reference)",
)
_BAD_PLATFORM = re.compile(
    r"no matching manifest|no match for platform|no image found in|exec format", re.IGNORECASE
)
_NO_SPACE = worded(r"no space left on device", r"disk quota exceeded", r"磁盘空间不足")
_LIMITED = worded(r"too ?many ?requests", r"\b429\b", r"rate limit", r"rate exceeded")
_NO_REGISTRY = worded(r"unexpected media type text/html")
_UNREACHABLE = worded(
    r"i/o time-?out",
    r"\btimed? ?out\b",
    r"no such host",
    r"connection refused",
    r"no route to host",
    r"network is unreachable",
    r"connection reset|server gave HTTP response to HTTPS",
    r"\bEOF\b",
    r"\bx509\b",
    r"certificate",
    r"TLS handshake",
    r"context deadline exceeded",
    r"context canceled",
    r"temporary failure in name resolution",
    r"server misbehaving",
    r"dial tcp",
    r"Client\.Timeout",
    r"\b50[0234]\b",
    r"Service Unavailable",
    r"Bad Gateway",
    r"网络(?:不通|超时|不可达)",
    r"超时",
)
# registry.cn-x.aliyuncs.com, a-registry-vpc.cn-x.cr.aliyuncs.com, crpi-a-vpc.cn-x.personal.cr.aliyuncs.com
_REGISTRY = re.compile(
    r"[\w-]+?(?P<inner>-vpc|-internal)?\.(?P<region>[a-z]{2}-[a-z]+(?:-\w+)*)\."
    r"(?:personal\.)?(?:cr\.)?aliyuncs\.com(?=[/:])"
)


# The image and its registry may be called anything.
_ADDRESS = re.compile(r"[\"'](?=[^\"'\s/:]*[/:])[^\"'\s]*[\"']|https?://[^\s\"']*(?=[\"'\s:]|$)")
_EITHER = "the registry does not let the run read it, or has no such repository: it says one for both"


# In the order in which they are believed: registries deny what they limit, and what they don't have.
_CAUSES = (
    (_BAD_NAME, Code.IMAGE_MISSING, "its name can't be read as one of an image"),
    (_NO_SPACE, Code.DISK_FULL, "its image needs more than there is"),
    (_LIMITED, Code.IMAGE_UNREACHABLE, "the registry limits how often it is asked"),
    (_DENIED, Code.IMAGE_DENIED, "the registry does not let the run read it"),
    (_BAD_PLATFORM, Code.IMAGE_MISSING, "it has nothing for this kind of processor"),
    (_NO_REGISTRY, Code.IMAGE_UNREACHABLE, "what answered is no registry"),
    (_MISSING, Code.IMAGE_MISSING, "the registry has no such repository or tag"),
    (_UNREACHABLE, Code.IMAGE_UNREACHABLE, "the registry did not answer as it should"),
)
_MAY_BE_FAR = frozenset({Code.IMAGE_UNREACHABLE, Code.IMAGE_PULL})
_PULLED_IMAGE = re.compile(r"image \"([^\"\s]+)\"")


class Registry(NamedTuple):
    """A registry of Alibaba Cloud: its region, and whether only that region's own network reaches it."""

    region: str
    is_inner: bool


class Pull(NamedTuple):
    """Why an image was not pulled, and the lines that say so."""

    code: Code
    lines: tuple[Statement, ...]
    detail: str = ""


def registry_of(image: str) -> Registry | None:
    found = _REGISTRY.match(image)
    return Registry(found["region"], found["inner"] is not None) if found else None


def failed_pull(statements: Iterable[Statement], request: Request) -> Pull | None:
    """Why the pull failed, if the lines say that one did."""
    lines = tuple(one for one in statements if PULL_FAILED.search(one.bare))
    if not lines:
        return None
    code, detail, telling = _cause(lines)
    elsewhere = _elsewhere(lines, request)
    is_far = elsewhere is not None and (elsewhere.is_inner or code in _MAY_BE_FAR)
    if elsewhere and is_far and code is not Code.DISK_FULL:
        said = f"its registry is in {elsewhere.region}, and the run in {request.region}"
        return Pull(Code.IMAGE_REGION, telling, said)
    return Pull(code, telling, detail)


def _cause(lines: Sequence[Statement]) -> tuple[Code, str, tuple[Statement, ...]]:
    """Why, in the newest line that tells: a pull is tried, and told, over and over."""
    for line in reversed(lines):
        code, detail = _cause_in(_ADDRESS.sub(" ", line.bare))
        if code is not Code.IMAGE_PULL:
            return code, detail, (line,)
    return Code.IMAGE_PULL, "", tuple(lines[-1:])


def _cause_in(text: str) -> tuple[Code, str]:
    for pattern, code, detail in _CAUSES:
        if pattern.search(text):
            is_either = code is Code.IMAGE_DENIED and _MISSING.search(text) is not None
            return code, _EITHER if is_either else detail
    return Code.IMAGE_PULL, ""


def _elsewhere(lines: Sequence[Statement], request: Request) -> Registry | None:
    """The registry of another region than the run's, of the image that the lines are about."""
    named = [image for image in request.images if any(image in one.text for one in lines)]
    others = [image for one in lines for image in _PULLED_IMAGE.findall(one.text)]
    found = filter(None, map(registry_of, named or ([] if others else request.images)))
    return next((one for one in found if request.region and one.region != request.region), None)
