"""docs/github.md tells of the commands, options, variables and permissions that there are."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from dlcapply.cli.main import cli

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/github.md").read_text("utf-8")
COMMANDS = cli.commands["github"].commands
FORGE = "\n".join(path.read_text("utf-8") for path in (ROOT / "dlcapply/forge").rglob("*.py"))


def test_each_command_has_its_part_and_its_permissions():
    assert set(re.findall(r"^## ([a-z]+)$", PAGE, re.MULTILINE)) == set(COMMANDS)
    table = PAGE.split("| command | permissions |")[1].split("\n\n")[0]
    assert set(re.findall(r"^\| `([a-z]+)` \|", table, re.MULTILINE)) == set(COMMANDS)


def test_its_options_are_those_of_the_commands():
    parameters = [parameter for command in COMMANDS.values() for parameter in command.params]
    known = {option for parameter in parameters for option in parameter.opts}
    others = {"--approved", "--expect", "--allow-replace", "--allow-stops", "--drift"}  # of plan and apply
    named = set(re.findall(r"`(?:[\w -]* )?(--[a-z-]+)", PAGE))
    assert {"--for", "--workflow", "--branch", "--within", "--report"} <= named <= known | others


def test_its_permissions_are_those_that_refusals_name():
    table = PAGE.split("| command | permissions |")[1].split("\n\n")[0]
    named = set(re.findall(r"`([a-z-]+: (?:read|write))", table))
    named.add("metadata: read")  # which every token has
    assert set(re.findall(r'"([a-z-]+: (?:read|write))"', FORGE)) <= named


def test_its_variables_are_those_that_are_read():
    named = {name for name in re.findall(r"`(GITHUB_[A-Z_]+)`", PAGE) if name != "GITHUB_STEP_SUMMARY"}
    assert named == set(re.findall(r'"(GITHUB_[A-Z_]+)"', FORGE))


def test_the_jobs_of_the_workflows_have_the_permissions_that_their_commands_need():
    table = PAGE.split("| command | permissions |")[1].split("\n\n")[0]
    rows = dict(re.findall(r"^\| `([a-z]+)` \| (.*) \|", table, re.MULTILINE))
    asked = set()
    for file in (ROOT / "examples/github-actions").glob("*.yml"):
        for job in yaml.safe_load(file.read_text("utf-8"))["jobs"].values():
            commands = [step.get("with", {}).get("command", "") for step in job["steps"]]
            for command in {one.removeprefix("github ") for one in commands if one.startswith("github ")}:
                asked.add(command)
                for name, level in re.findall(r"`([a-z-]+): (read|write)`", rows[command]):
                    assert job["permissions"].get(name) in {level, "write"}, (file.name, command, name)
    assert asked == set(COMMANDS)
