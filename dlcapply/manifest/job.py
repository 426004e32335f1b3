"""A composed manifest -> the job it declares."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dlcapply.model.durations import duration_of
from dlcapply.model.jobs import (
    EnvSource,
    Job,
    JobKey,
    OnChange,
    RerunOn,
    RunRules,
    State,
    Utilization,
    WhenIdle,
)

if TYPE_CHECKING:
    from dlcapply.model.findings import Place
    from dlcapply.model.jobs import Environment

# PAI takes 65,536 bytes, its additions included (API page of CreateJob); the rest is for those and for the
# marks of dlcapply.
MAX_BYTES = 65_536 - 2_048
DEFAULT_WINDOW = "1h"
_encoded = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def body_size(spec: Any, labels: Any) -> int:
    """The bytes of the CreateJob body that a manifest alone accounts for, as compact JSON."""
    body = [part for part in (spec, labels) if part]
    return len(_encoded(body).encode("utf-8", "replace"))


def job_of(
    words: dict[str, Any], place: Place, environment: Environment | None, hidden: tuple[str, ...] = ()
) -> Job:
    """The job that a manifest without errors declares."""
    spec = {key: value for key, value in words["spec"].items() if key != "DisplayName"}
    if environment:
        spec["WorkspaceId"] = environment.workspace_id
    return Job(
        key=_key(words["metadata"]["name"], spec, environment),
        spec=spec,
        rules=_rules(words.get("run", {})),
        labels=words["metadata"].get("labels", {}),
        env_from=tuple(map(_env_source, words.get("envFrom", ()))),
        place=place,
        hidden=hidden,
        formerly=tuple(words["metadata"].get("formerly", ())),
    )


def _env_source(words: dict[str, Any]) -> EnvSource:
    return EnvSource(words["name"], words["fromEnv"], words.get("allowEmpty", False))


def _key(name: str, spec: dict[str, Any], environment: Environment | None) -> JobKey:
    if environment is None:
        return JobKey("", spec.get("WorkspaceId", ""), "", name)
    whose = environment.owner, name, environment.origin
    return JobKey(environment.region, environment.workspace_id, *whose)


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
        utilization=_utilization(words.get("utilization")),
    )


def _utilization(words: dict[str, Any] | None) -> Utilization | None:
    if words is None:
        return None
    return Utilization(
        least=float(words["min"].removesuffix("%")),
        window=duration_of(words.get("window", DEFAULT_WINDOW)),
        then=WhenIdle(words.get("then", WhenIdle.REPORT)),
    )
