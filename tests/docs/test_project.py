"""What pyproject.toml says to the world is so."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from dlcapply import __version__

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_its_addresses_lead_to_one_repository_and_to_files_that_exist():
    addresses = PROJECT["urls"].values()
    home = PROJECT["urls"]["Homepage"]
    assert all(address.startswith(home) for address in addresses)
    files = [address.partition("/blob/main/")[2] for address in addresses if "/blob/" in address]
    assert len(files) == 2
    assert all((ROOT / file).is_file() for file in files)
    assert f"- repo: {home} " in (ROOT / "docs/validation.md").read_text("utf-8")


def test_no_version_is_released_with_an_address_that_is_nobodys():
    is_released = f"## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert not (is_released and "/OWNER/" in PROJECT["urls"]["Homepage"])


def test_the_pythons_of_the_classifiers_are_told_and_tested():
    oldest, *newer = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    assert PROJECT["requires-python"] == f">={oldest}"
    readme = (ROOT / "README.md").read_text("utf-8")
    assert f"Python {oldest} ({' and '.join(newer)} do as well)" in readme
    workflow = (ROOT / ".github/workflows/ci.yml").read_text("utf-8")
    assert re.findall(r"^ +(3\.\d+)$", workflow, re.MULTILINE) == [*newer, oldest]
