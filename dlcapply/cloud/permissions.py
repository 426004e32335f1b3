"""Whose PRIVATE jobs the caller sees, by the rules that AIWorkSpace has for reading jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dlcapply.cloud.wire.failures import not_understood, request_id_of
from dlcapply.model.runs import Visibility

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dlcapply.cloud.wire.connection import Connection

# What a plan reads jobs by (appendix of roles and permissions).
_READING = ("PaiDLC:ListJobs", "PaiDLC:GetJob")
# A rule about PUBLIC jobs says nothing of others (ListPermissions metadata).
_ABOUT_PRIVATE = frozenset({"PRIVATE", "ANY"})
_BY_ACCESS = {"ANY": Visibility.ALL, "CREATOR": Visibility.OWN}


def whose_jobs(connection: Connection, workspace_id: str) -> Visibility:
    """Whose PRIVATE jobs of the workspace the caller sees; `connection` is to AIWorkSpace.

    Everybody's only where each operation says so and nothing else; the caller's own where one says that.
    Raises ServiceError when there is no answer, or one that can't be read.
    """
    path = f"/api/v1/workspaces/{quote(workspace_id, safe='')}/permissions"
    answer = connection.read("ListPermissions", path)
    if not isinstance(answer.get("Permissions"), list):
        problem = "has no Permissions"
        raise not_understood("ListPermissions", problem, request_id=request_id_of(answer))
    told = {_told(answer, code) for code in _READING}
    if Visibility.OWN in told:
        return Visibility.OWN
    return Visibility.ALL if told == {Visibility.ALL} and _is_whole(answer) else Visibility.UNKNOWN


def _told(answer: Mapping[str, Any], code: str) -> Visibility:
    """What the rules of one operation say together; how several are added up is not documented."""
    told = {_of_rule(rule) for rule in _rules(answer, code)}
    return told.pop() if len(told) == 1 else Visibility.UNKNOWN


def _rules(answer: Mapping[str, Any], code: str) -> Iterator[Any]:
    """The operation's rules, but those about PUBLIC jobs; None in place of rules that can't be read."""
    for permission in answer["Permissions"]:
        if not isinstance(permission, dict) or permission.get("PermissionCode") != code:
            continue
        rules = permission.get("PermissionRules")
        for rule in rules if isinstance(rules, list) else [None]:
            if not isinstance(rule, dict) or rule.get("Accessibility") != "PUBLIC":
                yield rule


def _of_rule(rule: Any) -> Visibility:
    if not isinstance(rule, dict):
        return Visibility.UNKNOWN
    about, access = rule.get("Accessibility"), rule.get("EntityAccessType")
    if not isinstance(about, str) or not isinstance(access, str) or about not in _ABOUT_PRIVATE:
        return Visibility.UNKNOWN
    return _BY_ACCESS.get(access, Visibility.UNKNOWN)


def _is_whole(answer: Mapping[str, Any]) -> bool:
    """Whether no more rules are counted than shown: the operation has no pages to ask for."""
    total = answer.get("TotalCount")
    if total is None:
        return True
    return isinstance(total, int) and not isinstance(total, bool) and 0 <= total <= len(answer["Permissions"])
