"""docs/ci.md explains the workflows that there are, and its roles may do what is asked of PAI and no more."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from dlcapply.emulator.jobs.routes import OPERATIONS as JOB_OPERATIONS
from dlcapply.emulator.workspaces.routes import OPERATIONS as WORKSPACE_OPERATIONS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/ci.md").read_text("utf-8")
WORKFLOWS = ROOT / "examples/github-actions"
NAMES = ("review.yml", "apply.yml", "scheduled.yml", "drift.yml", "stop.yml")
# What only a stop reads, and what no workflow does.
OF_STOPS, BY_PERSONS = {"GetSignal", "ListSignals"}, {"DeleteJob"}
# What people ask for at a terminal, and no workflow.
BY_HAND = {"dashboards", "metrics", "quotas", "sanity", "tensorboards"}
# Alibaba's documents have both for PAI-DLC.
PREFIXES = {"jobs": ("pai", "paidlc"), "workspaces": ("paiworkspace",)}


def calls(kind):
    """The operations that the code asks of PAI, by the way of a connection that reads or writes."""
    paths = [path for path in (ROOT / "dlcapply/cloud").rglob("*.py") if path.stem not in BY_HAND]
    trees = (ast.parse(path.read_text("utf-8")) for path in paths)
    nodes = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call))
    named = (node for node in nodes if isinstance(node.func, ast.Attribute) and node.func.attr == kind)
    first = (node.args[0] for node in named if node.args)
    return {word.value for word in first if isinstance(word, ast.Constant) and isinstance(word.value, str)}


def actions(operations):
    names = {
        "jobs": {operation.name for operation in JOB_OPERATIONS.values()},
        "workspaces": {operation.name for operation in WORKSPACE_OPERATIONS.values()},
    }
    assert operations <= names["jobs"] | names["workspaces"]
    return sorted(
        f"{prefix}:{operation}"
        for product, prefixes in PREFIXES.items()
        for operation in operations & names[product]
        for prefix in prefixes
    )


def policy(who):
    (found,) = re.findall(rf"<!-- policy of the role that {who} -->\n```json\n(.*?)```", PAGE, re.DOTALL)
    (statement,) = json.loads(found)["Statement"]
    assert statement["Effect"] == "Allow"
    return statement["Action"]


def test_each_role_may_do_what_is_asked_of_pai_and_no_more():
    reads, writes = calls("read"), calls("write")
    assert {"ListJobs", "GetJob", "ListEcsSpecs"} <= reads
    assert writes == {"CreateJob", "UpdateJob", "StopJob", "CreateSignal", "DeleteJob"}
    assert policy("reads") == actions(reads - OF_STOPS)
    assert policy("writes") == actions((reads | writes) - BY_PERSONS)


def test_no_trust_is_wider_than_the_repository():
    policies = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
    trusts = [one["Statement"][0] for one in policies if "Principal" in one["Statement"][0]]
    assert len(trusts) == 2
    for trust in trusts:
        exact, like = trust["Condition"]["StringEquals"], trust["Condition"].get("StringLike", {})
        assert exact["oidc:iss"] == ["https://token.actions.githubusercontent.com"]
        assert exact["oidc:aud"] == ["sts.aliyuncs.com"]
        subjects = [*exact.get("oidc:sub", []), *like.get("oidc:sub", [])]
        assert subjects
        assert all(one.startswith("repo:OWNER/REPOSITORY:") and len(one.split(":")) > 2 for one in subjects)
        assert not any(one.endswith(":*") for one in subjects)


def section(name):
    return PAGE.split(f"\n## {name}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize("name", NAMES)
def test_the_lines_that_are_explained_are_there(name):
    workflow = (WORKFLOWS / name).read_text("utf-8")
    rows = re.findall(r"^\| (`.*?) \|", section(name), re.MULTILINE)
    quoted = [word for row in rows for word in re.findall(r"`([^`]+)`", row)]
    assert len(quoted) > 3
    assert [word for word in quoted if not is_in(word, workflow)] == []


def is_in(words, workflow):
    """Whether the workflow has the words, on one line or, where they are a key and its own key, below."""
    if words in workflow:
        return True
    key, _, inner = words.partition(": ")
    return f"{key}:\n" in workflow and f"{inner}:" in workflow


def test_every_command_and_permission_of_the_workflows_is_explained():
    """Once: what two workflows have alike is explained where it comes first."""
    workflows = "\n".join((WORKFLOWS / name).read_text("utf-8") for name in NAMES)
    asked = set(re.findall(r"(command: [a-z ]+|--[a-z-]+|\b[a-z-]+: (?:read|write)\b)", workflows))
    assert {"command: apply", "--approved", "id-token: write"} <= asked
    explained = "".join(map(section, NAMES))
    unexplained = {words for words in asked if words.strip() not in explained}
    assert unexplained == {"contents: read", "command: status", "--environment", "--yes", "--owner", "--out"}
