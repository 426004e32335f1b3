"""What pyproject.toml says to the world is so."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement

from dlcapply import __version__

ROOT = Path(__file__).parents[2]
CONSTRAINTS = ROOT / "constraints.txt"
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


def test_everything_that_the_action_installs_is_pinned():
    """Names and versions; what builds it, and what builds packages without a wheel, is in the list too."""
    pinned = {_normal(line.partition("==")[0]) for line in CONSTRAINTS.read_text("utf-8").splitlines()}
    build = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["build-system"]["requires"]
    needed = {_normal(re.split(r"[><=]", name)[0]) for name in build} | {"setuptools", "wheel"}
    needed |= _closure("dlcapply", {"github"})
    assert {name for name in needed if name not in pinned} == {"dlcapply"}


def _normal(name):
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def _closure(name, extras):
    """The package with all that it needs here, and that these need."""
    known, left = set(), [(name, frozenset(extras))]
    while left:
        one, extras = left.pop()
        known.add((one, extras))
        needed = map(Requirement, requires(one) or ())
        chosen = [need for need in needed if _holds(need, extras)]
        left += {(_normal(need.name), frozenset(need.extras)) for need in chosen} - known
    return {one for one, _ in known}


def _holds(need, extras):
    return need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in extras or {""})
