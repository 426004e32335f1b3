"""What a command imports: start-up time is a promise, kept by not loading what is not needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

MANIFESTS = Path(__file__).parents[2] / "manifests"
HEAVY = ("alibabacloud", "Tea", "darabonba", "aiohttp", "deepdiff", "rich")


def loaded(*args):
    program = (
        "import os, sys\n"
        "from dlcapply.cli.main import main\n"
        "from dlcapply.cli.shell import Shell\n"
        f"code = main({list(args)!r}, shell=Shell(os.environ))\n"
        "print(code, *{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    code, *modules = done.stderr.split()
    return code, {name for name in modules if name.startswith(HEAVY)}


def test_validate_loads_nothing_of_the_cloud_the_planner_or_the_terminal():
    assert loaded("validate", str(MANIFESTS)) == ("0", set())


def test_help_and_version_load_next_to_nothing():
    assert loaded("--help") == ("0", set())
    assert loaded("--version") == ("0", set())
