"""Which request is which operation.

Jobs, templates, TensorBoards and workspaces know nothing of each other; what is about two of them meets here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import unquote

from dlcapply.emulator.jobs.routes import OPERATIONS as JOB_OPERATIONS
from dlcapply.emulator.studio.routes import OPERATIONS as STUDIO_OPERATIONS
from dlcapply.emulator.templates.from_template import filled_from_template
from dlcapply.emulator.templates.routes import OPERATIONS as TEMPLATE_OPERATIONS
from dlcapply.emulator.tensorboards.operations import get_token as token_of_a_tensorboard
from dlcapply.emulator.tensorboards.routes import OPERATIONS as TENSORBOARD_OPERATIONS
from dlcapply.emulator.wire.unsupported import UNSUPPORTED
from dlcapply.emulator.workspaces.routes import OPERATIONS as WORKSPACE_OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.call import Call
    from dlcapply.emulator.operation import Operation

_CREATE_JOB = ("POST", "/api/v1/jobs")
_GET_TOKEN = ("GET", "/api/v1/tokens")


def _from_template(create: Operation) -> Operation:
    """CreateJob on top of the template that its body names."""

    def run(call: Call) -> JsonObject:
        return create.run(replace(call, body=filled_from_template(call, call.body)))

    return replace(create, run=run)


def _of_both(get_token: Operation) -> Operation:
    """GetToken of a job, or of a TensorBoard."""

    def run(call: Call) -> JsonObject:
        is_job = call.query.get("TargetType") != "tensorboard"
        return get_token.run(call) if is_job else token_of_a_tensorboard(call)

    return replace(get_token, run=run)


OPERATIONS: Mapping[tuple[str, str], Operation] = {
    **JOB_OPERATIONS,
    **TEMPLATE_OPERATIONS,
    **TENSORBOARD_OPERATIONS,
    **WORKSPACE_OPERATIONS,
    **STUDIO_OPERATIONS,
    _GET_TOKEN: _of_both(JOB_OPERATIONS[_GET_TOKEN]),
    _CREATE_JOB: _from_template(JOB_OPERATIONS[_CREATE_JOB]),
}


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))


_PATTERNS = tuple((method, _pattern(path), operation) for (method, path), operation in OPERATIONS.items())
_UNSUPPORTED = tuple((method, _pattern(path), name) for (method, path), name in UNSUPPORTED.items())


@dataclass(frozen=True, slots=True)
class Route:
    operation: Operation
    path: Mapping[str, str]


def find_route(method: str, path: str) -> Route | None:
    """The operation at an encoded path, with the decoded parts of the path; None if there is none."""
    for wanted, pattern, operation in _PATTERNS:
        found = pattern.fullmatch(path)
        if found and wanted == method:
            return Route(operation, {name: unquote(part) for name, part in found.groupdict().items()})
    return None


def unsupported_operation(method: str, path: str) -> str:
    """The operation that PAI has at an encoded path and the emulator lacks; empty if PAI has none either."""
    names = (name for wanted, pattern, name in _UNSUPPORTED if wanted == method and pattern.fullmatch(path))
    return next(names, "")
