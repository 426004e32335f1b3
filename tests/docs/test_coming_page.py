"""docs/coming-from-aliyun-cli.md has every command that people come with, and ours as they are."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from dlcapply.cli.habits import MEANT
from dlcapply.cli.main import cli
from dlcapply.cli.shell import Shell

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/coming-from-aliyun-cli.md").read_text("utf-8")
# All operations of PAI-DLC but those on Ray's history servers, and what people ask other products beside it.
OPERATIONS = json.loads((ROOT / "tests/emulator/contract.json").read_text("utf-8"))
SPANS = [span.replace("\\|", "|") for span in re.findall(r"`([^`\n]+)`", PAGE)]
OURS = sorted({span.removeprefix("dlcapply ") for span in SPANS if span.startswith("dlcapply ")})
THERE = {
    "pai.py": "list_ecs_specs describe_price resolve_image list_images create_training_job "
    "create_pytorch_job create_job build_job_spec get_job list_jobs wait_job_complete image_pull_timeout "
    "get_job_logs get_pod_logs get_pod_events stop_job delete_job cleanup_jobs doc_search",
    "aliyun": "version configure --auto-plugin-install --user-agent --connect-timeout --read-timeout "
    "--retry-count --cli-query --cli-dry-run --pager --waiter --estimate-cost safety-policy.json "
    "ALIBABA_CLOUD_PROFILE ALIBABA_CLOUD_REGION_ID --max-lines --max-events-num --sanity-check-number",
    "pai": "config submit list get inspect stop --override --override-string --override-unset --body-json "
    "--dry-run --role --worker-spec --memory --gpu-type --shared-memory "
    "--from-file --generate-skeleton --debug dataset image workspace quota api",
    "dlc": "config submit tfjob pytorchjob xgboostjob --job_file --force --show_detail quota pod "
    "--start_time --end_time --data_sources --data_source_uris --thirdparty_lib_dir",
}


def kebab(operation):
    return re.sub(r"(?<!^)(?=[A-Z])", "-", operation).lower()


def commands(text):
    return set(re.findall(r"dlcapply ([a-z]+)", text))


def words():
    return set(re.findall(r"[\w.-]+", " ".join(SPANS)))


def test_every_operation_is_on_the_page():
    assert len(OPERATIONS) > 50
    assert {kebab(name) for name in OPERATIONS} - words() == set()


@pytest.mark.parametrize("tool", THERE)
def test_what_people_type_with_other_tools_is_on_the_page(tool):
    assert set(THERE[tool].split()) - words() == set()


@pytest.mark.parametrize("line", OURS)
def test_every_command_of_ours_is_taken_as_it_stands(line):
    name, *rest = shlex.split(line)
    if name in {"--help", "--version", "COMMAND"}:
        return
    if name not in cli.commands:
        pytest.skip(f"there is no {name} yet")
    command = cli.commands[name]
    given = ["--wait=finished" if word == "--wait" else word for word in rest]
    with command.make_context(name, given, obj=Shell({})) as context:
        assert context.params


def test_an_operation_that_is_typed_as_a_command_is_answered_as_the_page_has_it():
    """Where the page names no command, there is nothing to answer with."""
    rows = [re.split(r"(?<!\\)\|", row)[1:3] for row in PAGE.splitlines() if row.startswith("|")]
    here = dict.fromkeys(map(kebab, OPERATIONS), "")
    for left, cell in rows:
        for word in here.keys() & set(re.findall(r"[a-z]+(?:-[a-z]+)+", left)):
            here[word] += cell
    meant = {word: cell for word, cell in here.items() if "dlcapply" in cell or "metadata" in cell}
    assert len(meant) > 20
    assert meant.keys() - MEANT.keys() == set()
    for word, cell in meant.items():
        ours = commands(cell)
        assert not ours or ours & commands(MEANT[word]), word


def test_every_row_says_what_there_is_here():
    rows = [line for line in PAGE.splitlines() if line.startswith("|")]
    cells = [re.split(r"(?<!\\)\|", row)[1:-1] for row in rows]
    assert len(cells) > 100
    assert all(left.strip() and here.strip() for left, here, *_ in cells)
