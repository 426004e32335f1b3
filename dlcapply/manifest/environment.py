"""A request and the project -> the environment, and the value of every variable in it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlcapply.disk import escaping_link, here
from dlcapply.errors import UsageError
from dlcapply.manifest.compose.variables import objection, objections, parsed
from dlcapply.manifest.did_you_mean import did_you_mean
from dlcapply.manifest.files.projects_below import projects_below
from dlcapply.manifest.findings import bounded, listed
from dlcapply.manifest.freezes import freezes_of
from dlcapply.manifest.nodes import Node, entries, get, plain, string
from dlcapply.manifest.paths import is_piped, shown_path
from dlcapply.manifest.timezones import DEFAULT_ZONE
from dlcapply.manifest.webhooks import webhooks_of
from dlcapply.manifest.yaml.reader import read_single
from dlcapply.model.findings import Place
from dlcapply.model.jobs import Environment, Identity, Limits, View

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.manifest.compose.variables import Declaration
    from dlcapply.manifest.load_request import LoadRequest
    from dlcapply.manifest.project import Project
    from dlcapply.model.findings import Finding

Values = dict[str, Node | None]


def environment_of(project: Project | None, request: LoadRequest) -> Environment | None:
    """The environment to load for; None where nothing declares one and none is needed.

    UsageError where one is needed and none declared, where several might be meant, or where an option
    contradicts the one that is.
    """
    name = _chosen(project, request)
    if project is None or not name:
        return _bare(request)
    node = project.environments[name]
    owner = f"{project.name}/{name}"
    identity = Identity(string(get(project.document, "identity")) or Identity.MARKS)
    _agree("--owner", request.owner, owner, name)
    view = string(get(node, "view"))
    _check_view(request.view, view, name)
    return Environment(
        name=name,
        region=_agree("--region", request.region, string(get(node, "region")), name),
        workspace_id=_agree("--workspace", request.workspace, string(get(node, "workspaceId")), name),
        owner=owner,
        endpoint=request.endpoint or string(get(node, "endpoint")),
        identity=identity,
        limits=_limits(get(node, "limits")),
        view=_view(view),
        origin=_origin(project, request) if identity is Identity.MARKS else "",
        former_origins=project.former_origins,
        provenance=project.tells_provenance,
        freezes=freezes_of(get(project.document, "freeze"), get(node, "freeze")),
        timezone=string(get(node, "timezone") or get(project.document, "timezone")) or DEFAULT_ZONE,
        webhooks=webhooks_of(get(project.document, "notify"), get(node, "notify")),
    )


def _origin(project: Project, request: LoadRequest) -> str:
    """As the project declares it, or as git knows it, which is asked only where runs are looked at."""
    if project.origin or not request.needs_environment:
        return project.origin
    from dlcapply.repository.checkout import read_origin

    return read_origin(project.root, request.environ)


def _chosen(project: Project | None, request: LoadRequest) -> str:
    """The requested environment's name, the default, or the only one; empty where the project has none."""
    name, known = request.environment, project.environments if project else {}
    if not known and name:
        hint = "environments are declared in dlcapply.yaml"
        raise UsageError(f"there is no environment {name}", hint=hint if project else _below(request) or hint)
    if name and name not in known:
        hint = did_you_mean(name, known) or f"there are {listed(known)}"
        raise UsageError(f"there is no environment {name}", hint=hint)
    default = project.default_environment if project else ""
    if not name and not default and len(known) > 1:
        raise UsageError(
            "it is not clear which environment is meant", hint=f"name one with -e: {listed(known)}"
        )
    return name or default or next(iter(known), "")


def _bare(request: LoadRequest) -> Environment | None:
    region = request.region or request.ambient_region
    workspace = request.workspace or request.ambient_workspace
    if not region or not workspace:
        if request.needs_environment:
            raise UsageError(
                "no environment is declared in a dlcapply.yaml here or above",
                hint=_below(request) or "give --region and --workspace, or write a dlcapply.yaml",
            )
        return None
    name, view = f"{region}/{workspace}", _view(request.view)
    return Environment(name, region, workspace, request.owner, request.endpoint, view=view)


def _view(word: str) -> View | None:
    return View(word) if word else None


def _check_view(asked: str, declared: str, name: str) -> None:
    """UsageError for a word on the command line where a reviewed file is the place for it."""
    if asked and not declared:
        raise UsageError(
            f"--view {asked} is for commands without a project, and the environment {name} declares no view",
            hint=f"write view: {asked} into the environment {name}, where it is reviewed",
        )
    _agree("--view", asked, declared, name)


def _below(request: LoadRequest) -> str:
    """A hint where projects lie one folder below the requested paths; otherwise empty."""
    folders = [here() / word for word in request.paths or (".",) if not is_piped(word)]
    roots = [shown_path(root) for folder in folders for root in projects_below(folder)]
    if not roots:
        return ""
    what = f"its folder: {roots[0]}" if len(roots) == 1 else f"the folder of one: {listed(roots)}"
    return f"there is a dlcapply.yaml below; name {what}, with -f where the command takes names of jobs"


def _agree(option: str, asked: str, declared: str, name: str) -> str:
    if asked and asked != declared:
        raise UsageError(
            f"{option} {asked} contradicts the environment {name}, which says {declared}",
            hint=f"leave {option} out, or name another environment with -e",
        )
    return declared


def _limits(node: Node | None) -> Limits:
    words: dict[str, Any] = plain(node) if node is not None else {}
    return Limits(
        gpu_hours=words.get("gpuHours"),
        cpu_hours=words.get("cpuHours"),
        creates=words.get("creates"),
        stops=words.get("stops"),
        stops_percent=words.get("stopsPercent"),
        unbounded_allowed=words.get("unbounded") == "allow",
        idle_stops=words.get("idle") == "stop",
    )


def values_of(
    project: Project | None, environment_name: str, request: LoadRequest
) -> tuple[Values, tuple[Finding, ...]]:
    """The value of every declared variable or None, from --var > --var-file > environment > default.

    UsageError for a --var that is not declared or does not fit; a bad value in a file is a finding.
    """
    declared = project.variables if project else {}
    values: Values = {name: declaration.default for name, declaration in declared.items()}
    if project is not None and environment_name in project.environments:
        values |= entries(get(project.environments[environment_name], "variables"))
    findings: list[Finding] = []
    for text in request.variable_files:
        from_file, found = _from_file(text, declared)
        values |= from_file
        findings += found
    values |= {name: _from_option(name, text, declared) for name, text in request.variables.items()}
    return values, tuple(findings)


def _from_file(text: str, declared: Mapping[str, Declaration]) -> tuple[Values, tuple[Finding, ...]]:
    if not os.path.exists(text):  # noqa: PTH110 - pathlib raises for odd names
        raise UsageError(f"there is no variable file {text}")
    if (link := escaping_link(text)) is not None:
        raise UsageError(f"{text} is not read: {shown_path(link)} is a link that leads out of the repository")
    document, findings = read_single(Path(text), text)
    values = entries(document)
    known: Values = {name: node for name, node in values.items() if name in declared}
    return known, (*findings, *bounded(objections(values, declared, ()), Place(text)))


def _from_option(name: str, text: str, declared: Mapping[str, Declaration]) -> Node:
    if name not in declared:
        hint = did_you_mean(name, declared) or "variables are declared in dlcapply.yaml"
        raise UsageError(f"the variable {name} is not declared", hint=hint)
    value = parsed(text, declared[name])
    if trouble := objection(value, declared[name]):
        raise UsageError(f"--var {name}: {trouble}")
    place = Place("--var")
    return Node(value, place, place, text)
