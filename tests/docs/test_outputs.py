"""docs/outputs.md shows what commands print."""

from __future__ import annotations

import json
import re
from pathlib import Path

from dlcapply.cli.main import main
from dlcapply.cli.shell import Shell
from dlcapply.manifest.schema.shipped import schema_texts
from dlcapply.rendering.markdown.fitting import SIZES, Loss

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


def test_the_sizes_of_markdown_are_told():
    assert all(f"{size.limit:,} " in PAGE for size in SIZES.values())
