from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from dlcapply.errors import ExitCode
from dlcapply.model.claims import OwnerMarks
from dlcapply.model.findings import Finding, Level, Place
from dlcapply.model.jobs import Identity
from dlcapply.model.outcomes import LaterStart, Outcome, Result, Trouble
from dlcapply.model.plans import (
    Action,
    Behaviour,
    Change,
    ClaimedRun,
    Consent,
    Cost,
    FieldChange,
    FieldKind,
    Need,
    Reason,
    Scope,
    Spend,
    Target,
    Terms,
    VariableState,
)
from dlcapply.model.runs import Ownership
from dlcapply.model.verdicts import Verdict
from dlcapply.planning import unchanged
from dlcapply.planning.digest import change_digest
from dlcapply.planning.run_progress import Pods, RunProgress
from dlcapply.rendering.json_documents import (
    apply_document,
    approved_document,
    error_document,
    to_json,
    unresolved_document,
    validate_document,
    wait_document,
)
from dlcapply.rendering.plan_documents import plan_document
from dlcapply.rendering.rows.approvals import ApprovalRow, ApprovedPlans
from dlcapply.rendering.rows.status import OtherRun, StatusReport, StatusRow
from dlcapply.rendering.rows.unresolved import Unresolved, UnresolvedRow
from dlcapply.rendering.rows.waiting import WaitedRow
from dlcapply.rendering.rows.where import Where
from dlcapply.rendering.run_documents import status_document

SCHEMAS = Path(__file__).parents[2] / "schemas"
HERE = Where("local", "cn-hangzhou", "1001", "emulator", is_emulator=True)
FORMS = ("plan", "apply", "validate", "status", "unresolved", "approved", "wait", "error")

FULL = Change(
    "wide",
    Action.REPLACE,
    Reason("replace", "stops dlc2"),
    Place("jobs/wide.yaml", 3, 1),
    Target("dlc2", "Running"),
    "op1",
    (FieldChange("Envs.LR", FieldKind.CHANGED, None, {"a": [1]}, Behaviour.NEEDS_RUN),),
    Spend(4, None, ("ecs.x",), 32.0, 64.0, ("ecs.y",), ("TemplateId",), ("ElasticSpec",), 2),
    Consent("--allow-replace wide", given=True),
    (ClaimedRun("dlc2", "Running", OwnerMarks("audio/prod"), "v"),),
    retry=2,
    terms=Terms("b1", "u1", "1", 3, datetime(2026, 12, 31, tzinfo=UTC)),
    labels={"team": "vision"},
    cost=Cost(None, "CNY", ("ecs.x",)),
)
BARE = Change("xgb", Action.WAITING, Reason("stopping", "until dlc5 has stopped"))
FINDING = Finding("same-name", Level.WARNING, "not ours", "rename it", Place("jobs/wide.yaml", 3, 5), "spec")
BEGUN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
OPEN = UnresolvedRow("a", "CreateJob", "0", BEGUN, "there", "dlcapply status --op 0", "abc")
UNRESOLVED = Unresolved("j", exists=True, rows=(OPEN,), elsewhere=2)
ERROR = Finding("limit-stops", Level.ERROR, "too many")


def load(form):
    return json.loads((SCHEMAS / f"{form}.v1.schema.json").read_text("utf-8"))


def closed(schema):
    """The schema, with no object allowed a key that it does not describe."""
    match schema:
        case dict():
            inner = {key: closed(value) for key, value in schema.items()}
            return inner | ({"additionalProperties": False} if "required" in schema else {})
        case list():
            return [closed(item) for item in schema]
    return schema


def check(form, document):
    Draft202012Validator(closed(load(form))).validate(document)


def test_the_plan_document(make_plan):
    scope = Scope("v", "cn-hangzhou", "1001", Identity.NAME, True, ("a*",), ("b=c",), "emulator", 3)
    needs = (Need("KEY", VariableState.EMPTY, ("wide",)),)
    plan = make_plan(FULL, BARE, scope=scope, findings=(FINDING, ERROR), needs=needs)
    plan = replace(plan, apply_command="dlcapply apply --yes --expect 3f9c")
    document = plan_document(plan)
    assert document == {
        "format_version": 1,
        "context": {"date": "2026-11-23", "weekday": "monday", "hour": 12, "timezone": "UTC"},
        "environment": {"name": "local", "view": None},
        "scope": {
            "owner": "v",
            "origin": "",
            "region": "cn-hangzhou",
            "workspace_id": "1001",
            "endpoint": "emulator",
            "identity": "name",
            "prune": True,
            "select": ["a*"],
            "exclude": ["b=c"],
            "allow_stops": 3,
        },
        "census": {
            "jobs": 412,
            "since": "2000-01-01T00:00:00Z",
            "calls": 5,
            "sees": "all",
            "emulator": False,
        },
        "changes": [
            {
                "name": "wide",
                "action": "replace",
                "reason": {"code": "replace", "text": "stops dlc2"},
                "source": {"file": "jobs/wide.yaml", "line": 3, "column": 1},
                "target": {"job_id": "dlc2", "status": "Running"},
                "op": "op1",
                "fields": [
                    {
                        "path": "Envs.LR",
                        "kind": "changed",
                        "before": None,
                        "after": {"a": [1]},
                        "behaviour": "needs a new run",
                    }
                ],
                "spend": {
                    "accelerators": 4,
                    "hours": None,
                    "unpriced": ["ecs.x"],
                    "cpus": 32.0,
                    "cpu_hours": 64.0,
                    "uncounted": ["ecs.y"],
                    "unbounded_by": ["TemplateId"],
                    "can_exceed": ["ElasticSpec"],
                    "runs": 2,
                },
                "consent": {"needs": "--allow-replace wide", "given": True},
                "claims": [
                    {
                        "job_id": "dlc2",
                        "status": "Running",
                        "from": {"owner": "audio/prod", "origin": ""},
                        "owner": "v",
                    }
                ],
                "private": True,
                "retry": 2,
                "terms": {
                    "body": "b1",
                    "update": "u1",
                    "token": "1",
                    "retries": 3,
                    "not_after": "2026-12-31T00:00:00+00:00",
                },
                "digest": change_digest(FULL),
                "labels": {"team": "vision"},
                "cost": {"amount": None, "currency": "CNY", "unpriced": ["ecs.x"]},
            },
            {
                "name": "xgb",
                "action": "waiting",
                "reason": {"code": "stopping", "text": "until dlc5 has stopped"},
                "source": None,
                "target": None,
                "op": "",
                "fields": [],
                "spend": None,
                "consent": None,
                "claims": [],
                "private": True,
                "retry": 0,
                "terms": None,
                "digest": change_digest(BARE),
                "labels": {},
                "cost": None,
            },
        ],
        "summary": {
            "create": 0,
            "rerun": 0,
            "update": 0,
            "replace": 1,
            "stop": 0,
            "unchanged": 0,
            "waiting": 1,
            "blocked": 0,
            "unchanged_failed": 0,
            "unchanged_stopped": 0,
        },
        "totals": {
            "jobs": 1,
            "accelerator_hours": None,
            "cpu_hours": 64.0,
            "unbounded": 1,
            "cost": None,
            "by_label": {
                "team=vision": {
                    "jobs": 1,
                    "accelerator_hours": None,
                    "cpu_hours": 64.0,
                    "unbounded": 1,
                    "cost": None,
                }
            },
        },
        "needs": [{"variable": "KEY", "here": "empty", "jobs": ["wide"]}],
        "findings": [
            {
                "rule": "same-name",
                "level": "warning",
                "message": "not ours",
                "hint": "rename it",
                "file": "jobs/wide.yaml",
                "line": 3,
                "column": 5,
                "path": "spec",
            },
            {
                "rule": "limit-stops",
                "level": "error",
                "message": "too many",
                "hint": "",
                "file": None,
                "line": None,
                "column": None,
                "path": "",
            },
        ],
        "digest": "3f9c",
        "apply_command": "dlcapply apply --yes --expect 3f9c",
    }
    check("plan", document)


def test_the_apply_document():
    outcomes = (
        Outcome("a", Action.CREATE, Result.CREATED, "dlc1", "R1"),
        Outcome("b", Action.UPDATE, Result.FAILED, "dlc2", "R2", Trouble("Code", "no", "ask")),
    )
    gone = Change("c", Action.UNCHANGED, Reason("failed", "no"), target=Target("dlc3", "Failed"))
    row = WaitedRow(StatusRow("c", "Failed", "dlc3", "", note="why"), reached=True, failed=True)
    again = Change(
        "a", Action.RERUN, Reason("retry", "dlc1 (Failed)"), target=Target("dlc1", "Failed"), retry=1
    )
    later = LaterStart(again, Outcome("a", Action.RERUN, Result.CREATED, "dlc4", "R4"))
    document = apply_document(
        outcomes, exit_code=ExitCode.PARTIAL, changes=[gone], waited=[row], later=[later]
    )
    assert document == {
        "format_version": 1,
        "outcomes": [
            {
                "name": "a",
                "action": "create",
                "result": "created",
                "job_id": "dlc1",
                "stopped_job_id": "",
                "request_id": "R1",
                "error": None,
            },
            {
                "name": "b",
                "action": "update",
                "result": "failed",
                "job_id": "dlc2",
                "stopped_job_id": "",
                "request_id": "R2",
                "error": {"code": "Code", "message": "no", "hint": "ask"},
            },
        ],
        "summary": {
            **{result.value: int(result in {Result.CREATED, Result.FAILED}) for result in Result},
            "unchanged_failed": 1,
            "unchanged_stopped": 0,
        },
        "waited": [
            {
                "name": "c",
                "job_id": "dlc3",
                "status": "Failed",
                "reached": True,
                "failed": True,
                "note": "why",
                "stop": "",
                "why": None,
            }
        ],
        "later": [
            {
                "name": "a",
                "action": "rerun",
                "result": "created",
                "job_id": "dlc4",
                "stopped_job_id": "",
                "request_id": "R4",
                "error": None,
                "reason": {"code": "retry", "text": "dlc1 (Failed)"},
                "after_job_id": "dlc1",
                "retry": 1,
                "denied": False,
            }
        ],
        "exit_code": 7,
    }
    check("apply", document)


def test_the_validate_document():
    document = validate_document([FINDING, ERROR, ERROR], files=3, documents=4, waived=5)
    assert document["summary"] == {
        "files": 3,
        "documents": 4,
        "errors": 2,
        "warnings": 1,
        "waived": 5,
    }
    assert [finding["rule"] for finding in document["findings"]] == [
        "same-name",
        "limit-stops",
        "limit-stops",
    ]
    check("validate", document)


RUN = StatusRow(
    "a",
    "Failed",
    "dlc1",
    "2026-01-02T00:00:00Z",
    60,
    True,
    "n",
    "abc alice",
    plan="in sync",
    place=Place("jobs/a.yaml", 3, 1),
    reason="exit 1",
    reason_code="JobFailed",
    reason_message="Container exited with code 1.",
    progress=RunProgress(
        queued_seconds=5,
        run_seconds=60,
        started=datetime(2026, 1, 2, 0, 0, 5, tzinfo=UTC),
        ended=datetime(2026, 1, 2, 0, 1, 5, tzinfo=UTC),
        pods=Pods(2, 0, 1),
        accelerators=2,
        hours=1 / 30,
        ceiling_hours=4.0,
        restarts=1,
    ),
    ownership=Ownership.OURS,
    user="mia",
    newest_failed=True,
)
WHERE = Where("local", "cn-hangzhou", "1001", "emulator", is_emulator=True)
LOOKED = datetime(2026, 1, 2, 3, tzinfo=UTC)


def test_the_status_document():
    other = OtherRun("dlc3", "Running", "speech/prod")
    rows = (
        RUN,
        StatusRow("b", "no run", "", "", others=(other,)),
        StatusRow("c", "x", "dlc2", "", called="old"),
    )
    document = status_document(StatusReport(WHERE, rows, LOOKED, findings=(ERROR,)))
    check("status", document)
    first, second, third = document.pop("jobs")
    assert document == {
        "format_version": 1,
        "environment": {
            "name": "local",
            "region": "cn-hangzhou",
            "workspace_id": "1001",
            "endpoint": "emulator",
            "emulator": True,
        },
        "now": "2026-01-02T03:00:00Z",
        "about": "jobs",
        "more": 0,
        "unread": 0,
        "sees": None,
        "findings": validate_document([ERROR], files=1, documents=1)["findings"],
    }
    assert first == {
        "name": "a",
        "status": "Failed",
        "job_id": "dlc1",
        "created": "2026-01-02T00:00:00Z",
        "duration_seconds": 60,
        "in_sync": True,
        "note": "n",
        "from": "abc alice",
        "run_name": "a",
        "plan": "in sync",
        "explanation": "",
        "place": {"file": "jobs/a.yaml", "line": 3, "column": 1},
        "reason": {"text": "exit 1", "code": "JobFailed", "message": "Container exited with code 1."},
        "started": "2026-01-02T00:00:05Z",
        "ended": "2026-01-02T00:01:05Z",
        "queued_seconds": 5,
        "run_seconds": 60,
        "pods": {"total": 2, "running": 0, "failed": 1},
        "accelerators": 2,
        "accelerator_hours": 0.033,
        "accelerator_hours_ceiling": 4.0,
        "unbounded": False,
        "restarts": 1,
        "others": [],
        "owner": "",
        "ownership": "ours",
        "user": "mia",
        "newest_failed": True,
        "idle": "",
        "unmeasured": "",
    }
    assert (second["job_id"], second["run_name"], second["pods"], second["unbounded"]) == ("", "", None, None)
    assert second["others"] == [
        {"job_id": "dlc3", "status": "Running", "owner": "speech/prod", "ours": False}
    ]
    assert third["run_name"] == "old"


def test_the_document_of_what_is_unresolved():
    document = unresolved_document(UNRESOLVED)
    assert document == {
        "format_version": 1,
        "journal": "j",
        "exists": True,
        "operations": [
            {
                "name": "a",
                "call": "CreateJob",
                "op": "0",
                "begun": "2026-01-02T03:04:05+00:00",
                "where": "there",
                "command": "dlcapply status --op 0",
                "from": "abc",
            }
        ],
        "elsewhere": 2,
    }
    check("unresolved", document)


APPROVED = ApprovedPlans(
    "v/prod",
    "approvals",
    (
        ApprovalRow(2, Verdict.TAKEN, "run 7", "x.json", "0" * 64, datetime(2026, 12, 31, tzinfo=UTC)),
        ApprovalRow(1, Verdict.NOT_NEEDED, "done"),
    ),
    is_complete=False,
    requests=19,
)


def test_the_document_of_what_was_approved():
    document = approved_document(APPROVED)
    assert document == {
        "format_version": 1,
        "owner": "v/prod",
        "folder": "approvals",
        "pull_requests": [
            {
                "number": 2,
                "verdict": "taken",
                "reason": "run 7",
                "file": "x.json",
                "hash": "0" * 64,
                "expires": "2026-12-31T00:00:00+00:00",
            },
            {
                "number": 1,
                "verdict": "not-needed",
                "reason": "done",
                "file": None,
                "hash": None,
                "expires": None,
            },
        ],
        "summary": {"taken": 1, "expired": 0, "missing": 0, "refused": 0, "not_needed": 1},
        "complete": False,
        "requests": 19,
    }
    check("approved", document)


def test_the_order_of_keys_is_the_schema_s(make_plan):
    documents = {
        "plan": plan_document(make_plan(FULL, findings=(FINDING,))),
        "apply": apply_document(
            [Outcome("a", Action.STOP, Result.STALE, error=Trouble("", ""))], exit_code=ExitCode.OK
        ),
        "validate": validate_document([FINDING], files=1, documents=1),
        "status": status_document(
            StatusReport(
                WHERE, (replace(RUN, others=(OtherRun("dlc3", "Running", "x"),)),), LOOKED, findings=(ERROR,)
            )
        ),
        "unresolved": unresolved_document(UNRESOLVED),
        "wait": wait_document(
            HERE,
            [WaitedRow(StatusRow("a", "", "", ""), True, False)],
            until="finished",
            exit_code=ExitCode.OK,
        ),
        "approved": approved_document(APPROVED),
    }
    for form, document in documents.items():
        assert_ordered(document, load(form), load(form)["$defs"])


def assert_ordered(value, schema, definitions):
    schema = resolved(schema, definitions)
    if isinstance(value, list) and "items" in schema:
        for item in value:
            assert_ordered(item, schema["items"], definitions)
    elif isinstance(value, dict) and "properties" in schema:
        assert list(value) == list(schema["properties"]) == schema["required"]
        for key, item in value.items():
            assert_ordered(item, schema["properties"][key], definitions)


def test_the_error_document():
    document = error_document("usage", "no", "so", exit_code=ExitCode.USAGE, findings=[FINDING])
    assert document == {
        "format_version": 1,
        "error": {"code": "usage", "message": "no", "hint": "so", "exit_code": 64},
        "findings": validate_document([FINDING], files=1, documents=1)["findings"],
    }
    check("error", document)


def resolved(schema, definitions):
    inner = next((option for option in schema.get("anyOf", ()) if "$ref" in option), schema)
    return definitions[inner["$ref"].rpartition("/")[2]] if "$ref" in inner else inner


def test_json_keeps_order_and_text_and_ends_in_a_newline():
    text = to_json({"b": "文 → é", "a": [1, None, True, {"c": 1.5}]})
    assert text == (
        '{\n  "b": "文 → é",\n  "a": [\n    1,\n    null,\n    true,\n    {\n      "c": 1.5\n    }\n  ]\n}\n'
    )


def test_json_escapes_what_a_terminal_would_obey():
    document = {"a": "\x1b[0m \x7f \x9b \u2028 \u202e \ud800 \U000e0041"}
    text = to_json(document)
    assert all(row.isprintable() for row in text.split("\n"))
    assert json.loads(text) == document


def test_json_has_no_numbers_that_json_has_not():
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json({"a": float("nan")})


@pytest.mark.parametrize("form", FORMS)
def test_the_schemas_are_schemas(form):
    schema = load(form)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"].endswith(f"/schemas/{form}.v1.schema.json")


@pytest.mark.parametrize("form", FORMS)
def test_every_key_is_described_and_required(form):
    objects = list(object_schemas(load(form)))
    assert objects
    for schema in objects:
        assert schema["required"] == list(schema["properties"])
        for name, inner in schema["properties"].items():
            assert inner.get("description"), name


def object_schemas(schema):
    match schema:
        case dict():
            if "properties" in schema:
                yield schema
            for inner in schema.values():
                yield from object_schemas(inner)
        case list():
            for inner in schema:
                yield from object_schemas(inner)


def test_a_finding_is_the_same_in_every_form():
    assert load("plan")["$defs"]["finding"] == load("validate")["$defs"]["finding"]


def enum_of(form, definition, key):
    return load(form)["$defs"][definition]["properties"][key]["enum"]


def test_the_schemas_know_every_word():
    assert enum_of("plan", "change", "action") == list(Action)
    assert enum_of("apply", "outcome", "action") == list(Action)
    assert enum_of("apply", "outcome", "result") == list(Result)
    assert enum_of("plan", "field", "kind") == list(FieldKind)
    assert enum_of("plan", "field", "behaviour") == list(Behaviour)
    assert enum_of("plan", "finding", "level") == list(Level)
    assert load("plan")["properties"]["scope"]["properties"]["identity"]["enum"] == list(Identity)
    assert list(load("plan")["properties"]["summary"]["properties"]) == [*Action, *unchanged.counts(())]
    assert list(load("apply")["properties"]["summary"]["properties"]) == [*Result, *unchanged.counts(())]
