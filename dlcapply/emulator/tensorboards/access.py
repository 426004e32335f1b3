"""Which TensorBoards a caller may see, and which a caller may change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.emulator.answers import not_found
from dlcapply.emulator.call import no_permission
from dlcapply.emulator.jobs.access import opens
from dlcapply.emulator.tensorboards.table import TensorboardTable

if TYPE_CHECKING:
    from dlcapply.emulator.call import Call
    from dlcapply.emulator.tensorboards.table import Tensorboard


def may_see(call: Call, one: Tensorboard) -> bool:
    """PUBLIC ones are everybody's of the workspace, others their creator's and the administrators'."""
    if not call.world.is_member(call.user, one.workspace_id):
        return False
    is_public = one.body.get("Accessibility") == "PUBLIC"
    return is_public or call.user.administrator or one.user_id == call.user.user_id


def readable(call: Call, tensorboard_id: str) -> Tensorboard:
    """The TensorBoard of that id; raises Refusal unless the caller may see it, or a Token opens it."""
    one, token = TensorboardTable(call.database).find(tensorboard_id), call.query.get("Token")
    if one is None or not (token or may_see(call, one)):
        raise not_found("Tensorboard", tensorboard_id)
    if token and not opens(token, one.tensorboard_id, call):
        raise no_permission(f"tensorboard {one.tensorboard_id}", call.user)
    if call.query.get("WorkspaceId", "") not in {"", one.workspace_id}:
        raise not_found("Tensorboard", tensorboard_id)
    return one


def own(call: Call) -> Tensorboard:
    """The TensorBoard of the path; raises Refusal unless the caller may change it."""
    one = readable(call, call.path["TensorboardId"])
    if one.user_id != call.user.user_id and not call.user.administrator:
        raise no_permission(f"tensorboard {one.tensorboard_id}", call.user)
    return one
