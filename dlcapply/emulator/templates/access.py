"""Which templates a caller may read, and which a caller may change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.emulator.answers import not_found
from dlcapply.emulator.call import no_permission
from dlcapply.emulator.templates.table import TemplateTable

if TYPE_CHECKING:
    from dlcapply.emulator.call import Call
    from dlcapply.emulator.templates.table import Template


def readable_template(call: Call, template_id: str) -> Template:
    """The template of that id; raises Refusal unless a workspace of the caller has it."""
    template = TemplateTable(call.database).find(template_id)
    if template is None or not call.world.is_member(call.user, template.workspace_id):
        raise not_found("JobTemplate", template_id)
    return template


def own_template(call: Call) -> Template:
    template = readable_template(call, call.path["TemplateId"])
    if template.user_id != call.user.user_id and not call.user.administrator:
        raise no_permission(f"template {template.template_id}", call.user)
    return template
