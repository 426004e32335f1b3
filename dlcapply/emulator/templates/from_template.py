"""A CreateJob body from a template and a request, under the template's constraints."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dlcapply.emulator.answers import invalid, not_found
from dlcapply.emulator.templates.access import readable_template
from dlcapply.emulator.templates.paths import read_path, set_at, values_at
from dlcapply.emulator.templates.table import TemplateTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.emulator.call import Call
    from dlcapply.emulator.templates.table import Version


def filled_from_template(call: Call, body: Mapping[str, Any]) -> dict[str, Any]:
    """The body of CreateJob on top of the template that it names; raises Refusal for a broken constraint.

    A switch says whether a locked key that is given again is refused or ignored.
    """
    template_id = body.get("TemplateId")
    if not isinstance(template_id, str) or not template_id:
        return dict(body)
    table = TemplateTable(call.database)
    if table.find(template_id) is None and not call.switches.check_references:
        return dict(body)
    template = readable_template(call, template_id)
    number = body.get("TemplateVersion") or template.default_version
    if isinstance(number, bool) or not isinstance(number, int):
        raise invalid("TemplateVersion must be an integer.")
    version = template.version(number)
    if version is None:
        raise not_found("JobTemplate version", str(number))
    table.replace(replace(template, last_used=call.now))
    filled = composed(version, body, ignores_locked=call.switches.locked_template_keys == "ignore")
    return {**filled, "TemplateName": template.name}


def composed(version: Version, body: Mapping[str, Any], *, ignores_locked: bool) -> dict[str, Any]:
    """The content of the version under the request; maps merge, anything else is taken from the request.

    Raises Refusal for a locked value that the request changes, unless that is ignored, and for a required
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
