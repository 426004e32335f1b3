"""docs/outputs.md shows what commands print."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dlcapply.cli.main import main
from dlcapply.cli.shell import Shell
from dlcapply.manifest.schema.shipped import schema_texts
from dlcapply.planning.run_progress import Pods, RunProgress
from dlcapply.rendering.markdown.fitting import SIZES, Loss
from dlcapply.rendering.rows.status import StatusRow
from dlcapply.rendering.text.statuses import status_table

PAGE = (Path(__file__).parents[2] / "docs/outputs.md").read_text("utf-8")


def test_the_error_is_a_real_one(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "jobs").mkdir()
    where = ["--region", "cn-hangzhou", "--workspace", "1", "--owner", "mia"]
    assert main(["plan", "jobs", *where, "-o", "json"], shell=Shell({})) == 10
    (shown,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert json.loads(capsys.readouterr().out) == json.loads(shown)


def test_the_schemas_of_documents_are_all_named():
    named = set(re.findall(r"`([a-z-]+)`", PAGE.split("`dlcapply schema NAME`")[1].split(". Within")[0]))
    assert named == set(schema_texts()) - {"job", "project", "base", "claims", "prices", "scenario"}


def test_the_order_in_which_markdown_drops_detail_is_the_one_that_it_drops_in():
    rows = re.findall(r"^\| [0-9] \| (.+?)(?::.*|, job by job)? \| ", PAGE, re.MULTILINE)
    assert rows == [loss for loss in Loss if loss is not Loss.REST]


@pytest.mark.parametrize(("is_of_runs", "others"), [(False, {"USER"}), (True, {"PLAN"})])
def test_columns_of_status_go_in_the_order_that_the_page_states(is_of_runs, others):
    stated = re.search(r"of `status` USER goes first, then (.+?), at last the JobId", PAGE, re.DOTALL)
    told = ["USER", *re.findall(r"[A-Z-]{3,}", stated[1]), "JOBID"]
    goes = RunProgress(queued_seconds=1, run_seconds=1, pods=Pods(1, 1), accelerators=1, restarts=1)
    row = StatusRow(
        "x", "y", "dlc1", "2026-01-01T00:00:00Z", plan="blocked", progress=goes, owner="ours", user="mia"
    )
    now, gone = datetime(2026, 1, 2, tzinfo=UTC), []
    for width in range(200, 1, -1):
        table = status_table([row], now=now, width=width, is_of_runs=is_of_runs)
        gone += [title for title in table.left_out if title not in gone]
    assert gone == [title for title in told if title not in others]


def test_the_sizes_of_markdown_are_told():
    assert all(f"{size.limit:,} " in PAGE for size in SIZES.values())
