"""Job templates: kept in versions, one of them the default."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from dlcapply.emulator.answers import JsonObject, invalid, not_found
from dlcapply.emulator.clock import wire_time
from dlcapply.emulator.templates.access import own_template, readable_template
from dlcapply.emulator.templates.paths import read_path
from dlcapply.emulator.templates.table import Template, TemplateTable, Version

if TYPE_CHECKING:
    from dlcapply.emulator.call import Call

_CONSTRAINTS = frozenset({"locked", "overridable", "required"})
_KINDS = {
    "Constraints": dict,
    "Content": str,
    "Description": str,
    "Metadata": dict,
    "SetAsDefault": bool,
    "TemplateName": str,
    "WorkspaceId": str,
}
_WORDS = {dict: "a map of strings", str: "a string", bool: "a boolean"}


def create_template(call: Call) -> JsonObject:
    """A template with its first version; names are not unique."""
    body = _checked(call.body)
    for key in ("TemplateName", "WorkspaceId", "Content"):
        if not body.get(key):
            raise invalid(f"{key} is required.")
    workspace_id = call.workspace_id(body["WorkspaceId"])
    version = _new_version(call, body, 1)
    table = TemplateTable(call.database)
    template = Template(
        template_id=table.next_id(),
        workspace_id=workspace_id,
        user_id=call.user.user_id,
        name=body["TemplateName"],
        created=call.now,
        modified=call.now,
        modified_by=call.user.user_id,
        default_version=1,
        versions=(version,),
        description=body.get("Description", ""),
        metadata=body.get("Metadata", {}),
    )
    table.add(template)
    summary = {key: value for key, value in _summary(template).items() if key != "ModifiedBy"}
    return {**summary, "Version": 1}


def _new_version(call: Call, body: JsonObject, number: int) -> Version:
    constraints = body.get("Constraints", {})
    for path, constraint in constraints.items():
        read_path(path)
        if constraint not in _CONSTRAINTS:
            raise invalid(f"Constraints: {constraint} is not one of {', '.join(sorted(_CONSTRAINTS))}.")
    return Version(number, _content(body["Content"]), constraints, call.now, call.user.user_id)


def _content(text: str) -> JsonObject:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise invalid("Content must be a JSON object, as a string.") from error
    if not isinstance(content, dict):
        raise invalid("Content must be a JSON object, as a string.")
    return content


def _checked(body: JsonObject) -> JsonObject:
    """The body without nulls; raises Refusal for the first value that is not of its type."""
    given = {key: value for key, value in body.items() if value is not None}
    for key, kind in _KINDS.items():
        value = given.get(key, kind())
        inner = value.values() if isinstance(value, dict) else ()
        if not isinstance(value, kind) or not all(isinstance(one, str) for one in inner):
            raise invalid(f"{key} must be {_WORDS[kind]}.")
    return given


def get_template(call: Call) -> JsonObject:
    """The template with one version: the default, the one asked for, or `all`."""
    template = readable_template(call, call.path["TemplateId"])
    asked = call.query.get("Version") or str(template.default_version)
    versions = [one for one in template.versions if asked in {"all", str(one.number)}]
    if not versions:
        raise not_found("JobTemplate version", asked)
    return {
        **_summary(template),
        "Versions": [_version_row(one) for one in versions],
        "TotalCount": len(versions),
    }


def list_templates(call: Call) -> JsonObject:
    workspace_id = call.workspace_id(call.query.get("WorkspaceId"))
    found = [
        _summary(one)
        for one in TemplateTable(call.database).all()
        if one.workspace_id == workspace_id and _is_wanted(call, one)
    ]
    key = call.query.get("SortBy") or "GmtCreateTime"
    found.sort(key=lambda row: str(row[key]), reverse=call.query.get("Order") != "asc")
    return {
        "JobTemplates": call.page(found, default=10),
        "TotalCount": len(found),
        "PageNumber": call.number("PageNumber", 1),
        "PageSize": call.number("PageSize", 10),
    }


def _is_wanted(call: Call, template: Template) -> bool:
    return (
        call.query.get("TemplateName", "").lower() in template.name.lower()
        and call.query.get("Description", "").lower() in template.description.lower()
        and call.query.get("TemplateId", "") in {"", template.template_id}
        and call.query.get("UserId", "") in {"", template.user_id}
    )


def update_template(call: Call) -> JsonObject:
    """With Content, a new version; otherwise what describes the template is changed."""
    template, body = own_template(call), _checked(call.body)
    if "Constraints" in body and "Content" not in body:
        raise invalid("Constraints need Content.")
    template = replace(
        template,
        name=body.get("TemplateName") or template.name,
        description=body.get("Description") or template.description,
        metadata=body.get("Metadata") or template.metadata,
        modified=call.now,
        modified_by=call.user.user_id,
    )
    number = template.versions[-1].number
    is_new = "Content" in body
    if is_new:
        number += 1
        template = replace(template, versions=(*template.versions, _new_version(call, body, number)))
        if body.get("SetAsDefault"):
            template = replace(template, default_version=number)
    TemplateTable(call.database).replace(template)
    return {
        "DefaultVersion": template.default_version,
        "GmtModifyTime": wire_time(template.modified),
        "Version": number,
        "VersionCreated": is_new,
    }


def set_default_version(call: Call) -> JsonObject:
    template, number = own_template(call), call.body.get("Version")
    if isinstance(number, bool) or not isinstance(number, int) or template.version(number) is None:
        raise invalid("Version must be a version of the template.")
    TemplateTable(call.database).replace(replace(template, default_version=number, modified=call.now))
    return {"DefaultVersion": number, "GmtModifyTime": wire_time(call.now)}


def delete_template(call: Call) -> JsonObject:
    template = own_template(call)
    TemplateTable(call.database).remove(template.template_id)
    return {"TemplateId": template.template_id}


def _summary(template: Template) -> JsonObject:
    return {
        "TemplateId": template.template_id,
        "TemplateName": template.name,
        "WorkspaceId": template.workspace_id,
        "UserId": template.user_id,
        "TenantId": "1",
        "Description": template.description,
        "Metadata": dict(template.metadata),
        "DefaultVersion": template.default_version,
        "GmtCreateTime": wire_time(template.created),
        "GmtModifyTime": wire_time(template.modified),
        "ModifiedBy": template.modified_by,
        **({} if template.last_used is None else {"LastUsedTime": wire_time(template.last_used)}),
    }


def _version_row(version: Version) -> JsonObject:
    return {
        "Version": version.number,
        "Content": json.dumps(version.content),
        "Constraints": dict(version.constraints),
        "CreatedBy": version.user_id,
        "GmtCreateTime": wire_time(version.created),
    }
