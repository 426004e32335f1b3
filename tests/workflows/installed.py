"""A folder in which dlcapply is installed already, as the action leaves one to its next use in a job."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
INSTALL = ROOT / "action/install.py"


def python_folder(folder):
    """A folder for PATH in which `python3` is the Python that the tests' own environment was made with."""
    folder.mkdir()
    (folder / "python3").symlink_to(Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}"))
    return folder


def place_of(python, root, temporary):
    """Where the action looks for what it installed."""
    command = [python / "python3", "-I", __file__, root, temporary]
    return Path(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip())


def lay(folder):
    """The tests' own environment is the folder's, without anything being installed again."""
    folder.mkdir(parents=True)
    for name in ("bin", "lib", "pyvenv.cfg"):
        (folder / name).symlink_to(Path(sys.prefix, name))
    (folder / "ready").touch()
    return folder


if __name__ == "__main__":  # the place is of the Python that is asked
    print(runpy.run_path(str(INSTALL))["place"](*map(Path, sys.argv[1:])))  # noqa: T201
