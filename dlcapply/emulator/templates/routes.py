"""The operations on job templates, by method and path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.emulator.operation import PAGE, Operation
from dlcapply.emulator.templates import operations

if TYPE_CHECKING:
    from collections.abc import Mapping

_LIST = PAGE | {"SortBy", "Order", "WorkspaceId", "TemplateName", "TemplateId", "Description", "UserId"}
_ONE = "/api/v1/jobtemplates/{TemplateId}"

OPERATIONS: Mapping[tuple[str, str], Operation] = {
    ("POST", "/api/v1/jobtemplates"): Operation("CreateJobTemplate", operations.create_template),
    ("GET", "/api/v1/jobtemplates"): Operation("ListJobTemplates", operations.list_templates, _LIST),
    ("GET", _ONE): Operation("GetJobTemplate", operations.get_template, frozenset({"Version"})),
    ("PUT", _ONE): Operation("UpdateJobTemplate", operations.update_template),
    ("DELETE", _ONE): Operation("DeleteJobTemplate", operations.delete_template),
    ("PUT", f"{_ONE}/defaultversion"): Operation(
        "SetJobTemplateDefaultVersion", operations.set_default_version
    ),
}
