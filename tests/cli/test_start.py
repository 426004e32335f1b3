"""What a command imports: start-up time is a promise, kept by not loading what is not needed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

MANIFESTS = Path(__file__).parents[2] / "manifests"
HEAVY = ("alibabacloud", "Tea", "darabonba", "aiohttp", "deepdiff", "rich", "jsonschema.", "referencing")


def loaded(*args):
    program = (
        "import os, sys\n"
        "from dlcapply.cli.main import main\n"
        "from dlcapply.cli.shell import Shell\n"
        f"code = main({list(args)!r}, shell=Shell(os.environ))\n"
        "print(code, *sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    code, *modules = done.stderr.splitlines()[-1].split()
    return code, set(modules)


def heavy(modules):
    return {name for name in modules if name.startswith(HEAVY)}


def test_validate_loads_nothing_of_the_cloud_the_planner_or_the_terminal():
    code, modules = loaded("validate", str(MANIFESTS))
    assert (code, heavy(modules)) == ("0", set())


def test_diff_loads_nothing_of_the_cloud_or_the_terminal(tmp_path, monkeypatch):
    shutil.copytree(MANIFESTS, tmp_path / "repo", ignore=shutil.ignore_patterns(".dlcapply"))
    monkeypatch.chdir(tmp_path / "repo")
    person = ("-c", "user.name=A", "-c", "user.email=a@x")
    for words in (("init", "-q"), ("add", "-A"), (*person, "commit", "-qm1")):
        subprocess.run([shutil.which("git"), *words], check=True)
    for words in (("diff", "HEAD"), ("validate", "--changed", "HEAD")):
        code, modules = loaded(*words)
        assert (code, heavy(modules)) == ("0", set())


def test_validate_opens_each_file_once(tmp_path):
    """Parents too, however many manifests extend them."""
    folder = tmp_path / "manifests"
    shutil.copytree(MANIFESTS, folder, ignore=shutil.ignore_patterns(".dlcapply"))
    program = (
        "import os, sys\n"
        "from dlcapply.cli.main import main\n"
        "from dlcapply.cli.shell import Shell\n"
        "opened = []\n"
        "sys.addaudithook(lambda event, args: event == 'open' and opened.append(str(args[0])))\n"
        f"main(['validate', {str(folder)!r}], shell=Shell(os.environ))\n"
        "print(*opened, sep='\\n', file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    opened = Counter(path for path in done.stderr.splitlines() if path.startswith(str(folder)))
    expected = {str(path) for path in folder.rglob("*") if path.suffix in {".yaml", ".json"}}
    assert opened == Counter(expected)


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_load_next_to_nothing(option):
    """The words of the commands: no layer below, and none of the patterns of secrets."""
    code, modules = loaded(option)
    ours = {name.removeprefix("dlcapply.") for name in modules if name.startswith("dlcapply.")}
    below = {name for name in ours if not name.startswith("cli")}
    assert (code, heavy(modules)) == ("0", set())
    assert below == {
        "api",
        "api.clock",
        "api.options",
        "disk",
        "errors",
        "rendering",
        "rendering.formats",
        "runners",
        "version",
    }
    assert modules.isdisjoint({"yaml", "jsonschema_rs", "json", "secrets", "socket", "sqlite3"})
