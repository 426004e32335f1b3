"""A CreateJob body from a template and a request, under the template's constraints."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from dlcapply.emulator.answers import invalid
from dlcapply.emulator.templates.paths import read_path, set_at, values_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.emulator.templates.table import Version


def composed(version: Version, body: Mapping[str, Any], *, ignores_locked: bool) -> dict[str, Any]:
    """The content of the version under the request; maps merge, anything else is taken from the request.

    Raises Refusal for a locked value that is given otherwise, unless that is ignored, and for a required
    one that is missing.
    """
    merged = _merged(deepcopy(dict(version.content)), body)
    for path, constraint in version.constraints.items():
        steps = read_path(path)
        if constraint == "required" and not any(values_at(body, steps)):
            raise invalid(f"{path} is required by the template.")
        if constraint == "locked" and values_at(merged, steps) != values_at(version.content, steps):
            if not ignores_locked:
                raise invalid(f"{path} is locked by the template.")
            set_at(merged, version.content, steps)
    return merged


def _merged(below: dict[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Empty containers and nulls, which SDKs send for what was not set, leave what is below."""
    for key, value in above.items():
        if isinstance(value, dict) and isinstance(below.get(key), dict):
            below[key] = _merged(below[key], value)
        elif value not in (None, {}, []) or key not in below:
            below[key] = value
    return below
