"""The operations on job templates, by method and path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.emulator.operation import ORDER, PAGE, Operation
from dlcapply.emulator.parameters import TEXT, choice, pattern, required
from dlcapply.emulator.templates import operations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.emulator.parameters import Parameter

_LIST: Mapping[str, Parameter] = {
    **PAGE,
    **ORDER,
    "SortBy": choice("GmtCreateTime", "GmtModifyTime", "TemplateName"),
    "WorkspaceId": required(TEXT),
    **dict.fromkeys(("TemplateName", "TemplateId", "Description", "UserId"), TEXT),
}
_VERSION: Mapping[str, Parameter] = {
    "Version": pattern("the number of a version, or all", r"[1-9]\d{0,8}|all")
}
_ALL, _ONE = "/api/v1/jobtemplates", "/api/v1/jobtemplates/{TemplateId}"

OPERATIONS: Mapping[tuple[str, str], Operation] = {
    ("POST", _ALL): Operation("CreateJobTemplate", operations.create_template),
    ("GET", _ALL): Operation("ListJobTemplates", operations.list_templates, _LIST),
    ("GET", _ONE): Operation("GetJobTemplate", operations.get_template, _VERSION),
    ("PUT", _ONE): Operation("UpdateJobTemplate", operations.update_template),
    ("DELETE", _ONE): Operation("DeleteJobTemplate", operations.delete_template),
    ("PUT", f"{_ONE}/defaultversion"): Operation(
        "SetJobTemplateDefaultVersion", operations.set_default_version
    ),
}
