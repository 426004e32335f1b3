"""The documents lead where they say: links, the index of docs/, and what they name of the code."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from dlcapply.model.jobs import MARK_PREFIX, EnvSource, RunRules
from dlcapply.planning.marks import marks_for
from tests.builders import a_job

ROOT = Path(__file__).parents[2]
FOLDERS = (".", "docs", "manifests", "examples", "benchmarks")
PAGES = sorted(page for folder in FOLDERS for page in (ROOT / folder).glob("*.md"))
DESIGN = ROOT / "docs/design.md"
MAINTAINERS = (DESIGN, ROOT / "CONTRIBUTING.md")
CODE = "\n".join(path.read_text("utf-8") for path in (ROOT / "dlcapply").rglob("*.py"))


def prose(page):
    """The page without its examples."""
    return re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


def anchors(page):
    """The anchors of the page's headings, as GitHub and GitLab make them."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def named(page):
    """What the page shows as code within its text."""
    return re.findall(r"`([^`\n]+)`", prose(page))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page):
    for target, anchor in re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)", prose(page)):
        if target.startswith("https://"):
            continue
        there = page.parent / target if target else page
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), f"{target}#{anchor}"


def test_every_page_is_in_the_index():
    index = ROOT / "docs/README.md"
    listed = re.findall(r"^\| \[([^]]+)\]\(([^)]+)\) \| \S.* \|$", index.read_text("utf-8"), re.MULTILINE)
    assert sorted(target for name, target in listed if name == target) == sorted(
        page.name for page in (ROOT / "docs").glob("*.md") if page != index
    )


def is_there(path):
    """Whether the repository has the path, or the code has it in any folder."""
    return any(next(ROOT.glob(f"{folder}/{path}"), None) for folder in (".", "dlcapply/**", "tests/**"))


@pytest.mark.parametrize("page", MAINTAINERS, ids=lambda page: page.name)
def test_every_path_that_maintainers_are_told_exists(page):
    paths = [
        word for word in named(page) if re.fullmatch(r"[\w.]+(/[\w.-]+)*(/|\.(py|md|json|yaml|toml))", word)
    ]
    assert len(paths) > 10
    assert {word for word in paths if not is_there(word)} == set()


def test_contributors_are_told_of_every_package_and_module_at_the_top():
    parts = [path for path in (ROOT / "dlcapply").iterdir() if not path.name.startswith(("_", "py."))]
    expected = {f"dlcapply/{path.name}{'/' if path.is_dir() else ''}" for path in parts}
    assert expected <= set(
        re.findall(r"^\| `(dlcapply/[^`]+)` \|", MAINTAINERS[1].read_text("utf-8"), re.MULTILINE)
    )


def test_every_function_and_table_that_the_design_names_exists():
    functions = {word.removesuffix("()") for word in named(DESIGN) if word.endswith("()")}
    tables = {word for word in named(DESIGN) if re.fullmatch(r"[A-Z]{4,}", word)} - {"PRIVATE"}
    assert len(functions) > 3
    assert len(tables) > 2
    assert {name for name in functions if not re.search(rf"^def {name}\(", CODE, re.MULTILINE)} == set()
    assert {name for name in tables if not re.search(rf"^{name}\b", CODE, re.MULTILINE)} == set()


def test_the_design_tells_what_each_mark_is_for():
    job = a_job(rules=RunRules(protect=True), env_from=(EnvSource("KEY", variable="KEY"),), Priority=7)
    job = replace(job, key=replace(job.key, origin="host/a"))
    section = DESIGN.read_text("utf-8").split("### What each mark is for")[1].split("\n#")[0]
    told = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    written = marks_for(job, op="0", provenance="x")
    assert sorted(f"{MARK_PREFIX}{name}" for name in told) == sorted(written)
