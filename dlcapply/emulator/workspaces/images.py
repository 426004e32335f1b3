"""ListImages, GetImage, ListImageLabels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.emulator.answers import not_found
from dlcapply.emulator.workspaces.listing import CREATED, OWNER, contains, sorted_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.call import Call
    from dlcapply.emulator.world.catalogue import Image


def list_images(call: Call) -> JsonObject:
    """Official images, and with WorkspaceId those of that workspace; labels only where Verbose asks."""
    labels = _read_labels(call.query.get("Labels", ""))
    rows = [_row(call, one) for one in _visible(call) if _is_wanted(call, one, labels)]
    return sorted_page(call, "Images", rows, default=20)


def _visible(call: Call) -> Iterator[Image]:
    """Official images belong to no workspace, and are listed where none is named."""
    asked = call.query.get("WorkspaceId", "")
    workspace_id = call.workspace_id(asked) if asked else ""
    return (one for one in call.world.catalogue.images if one.workspace_id == workspace_id)


def _is_wanted(call: Call, image: Image, labels: dict[str, str]) -> bool:
    is_exact = call.query.get("Options") == "ExactMatchName"
    name = call.query.get("Name", "")
    return (
        all(image.labels.get(key) == value for key, value in labels.items())
        and (image.name == name if is_exact and name else contains(call, "Name", image.name))
        and contains(call, "Query", f"{image.name} {image.description}")
        and call.query.get("ImageUri", "") in {"", image.uri}
        and call.query.get("Accessibility", "") in {"", image.accessibility}
    )


def _read_labels(text: str) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in text.split(",") if pair]
    return {key: value for key, _, value in pairs}


def get_image(call: Call) -> JsonObject:
    image_id = call.path["ImageId"]
    known = {one.image_id: one for one in call.world.catalogue.images}
    image = known.get(image_id)
    if image is None or not _may_see(call, image):
        raise not_found("Image", image_id)
    return {key: value for key, value in _row(call, image).items() if key != "ImageId"}


def _may_see(call: Call, image: Image) -> bool:
    return not image.workspace_id or call.world.is_member(call.user, image.workspace_id)


def list_image_labels(call: Call) -> JsonObject:
    """Every label of the images that the caller may see, once; LabelKeys and LabelFilter narrow them."""
    keys = [key for key in call.query.get("LabelKeys", "").split(",") if key]
    labels = _read_labels(call.query.get("LabelFilter", ""))
    image_id = call.query.get("ImageId", "")
    images = [
        one
        for one in _visible(call)
        if image_id in {"", one.image_id} and all(one.labels.get(key) == labels[key] for key in labels)
    ]
    pairs = sorted({pair for one in images for pair in one.labels.items() if not keys or pair[0] in keys})
    return {"Labels": [_label(*pair) for pair in pairs], "TotalCount": len(pairs)}


def _row(call: Call, image: Image) -> JsonObject:
    row: JsonObject = {
        "ImageId": image.image_id,
        "Name": image.name,
        "ImageUri": image.uri,
        "Description": image.description,
        "Accessibility": image.accessibility,
        "WorkspaceId": image.workspace_id,
        "Size": image.size_gb,
        "SourceType": "",
        "SourceId": "",
        "UserId": OWNER if image.workspace_id else "",
        "ParentUserId": OWNER if image.workspace_id else "",
        "GmtCreateTime": CREATED,
        "GmtModifiedTime": CREATED,
    }
    if call.flag("Verbose", default=False):
        row["Labels"] = [_label(*pair) for pair in image.labels.items()]
    return row


def _label(key: str, value: str) -> JsonObject:
    return {"Key": key, "Value": value}
