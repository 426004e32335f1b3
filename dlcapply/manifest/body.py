"""A composed manifest -> the job it declares."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dlcapply.manifest.nodes import Node, get, plain
from dlcapply.model import EnvSource, Job, JobKey, OnChange, RerunOn, RunRules, State

if TYPE_CHECKING:
    from dlcapply.model import Environment

# PAI takes 65,536 bytes, its additions included (API page of CreateJob); the rest is for them and our marks.
MAX_BYTES = 65_536 - 2_048


def body_size(document: Node) -> int:
    """The bytes of the CreateJob body that the document alone accounts for, as compact JSON."""
    labels = get(document, "metadata", "labels")
    spec = get(document, "spec")
    body = [plain(node) for node in (spec, labels) if node]
    return len(json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace"))


def job_of(document: Node, environment: Environment | None) -> Job:
    """The job that a document without errors declares."""
    words = plain(document)
    spec = {key: value for key, value in words["spec"].items() if key != "DisplayName"}
    if environment:
        spec["WorkspaceId"] = environment.workspace_id
    return Job(
        key=_key(words["metadata"]["name"], spec, environment),
        spec=spec,
        rules=_rules(words.get("run", {})),
        labels=words["metadata"].get("labels", {}),
        env_from=tuple(EnvSource(item["name"], item["fromEnv"]) for item in words.get("envFrom", ())),
        place=document.place,
    )


def _key(name: str, spec: dict[str, Any], environment: Environment | None) -> JobKey:
    if environment is None:
        return JobKey("", spec.get("WorkspaceId", ""), "", name)
    return JobKey(environment.region, environment.workspace_id, environment.owner, name)


def _rules(words: dict[str, Any]) -> RunRules:
    default = RunRules()
    not_after = words.get("notAfter")
    return RunRules(
        state=State(words.get("state", default.state)),
        token=words.get("token", default.token),
        rerun_on=RerunOn(words.get("rerunOn", default.rerun_on)),
        on_change=OnChange(words.get("onChange", default.on_change)),
        retries=words.get("retries", default.retries),
        not_after=datetime.fromisoformat(not_after) if not_after else None,
        protect=words.get("protect", default.protect),
    )
