"""How fast `dlcapply validate` is beside check-jsonschema, on the same files and the same schema.

Both run as their users run them, in turns; what counts is the ratio of the medians.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[1]
SCHEMA = ROOT / "schemas" / "job.v1.schema.json"
BAR = 5


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took: seconds of the clock, and its largest size in MB."""

    seconds: float
    megabytes: float


def main() -> None:
    asked = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        small = _repository(Path(folder, "small"), asked.files)
        large = _repository(Path(folder, "large"), 2 * asked.files)
        ours, theirs, twice = _costs(
            asked.rounds,
            lambda: _run("dlcapply", "validate", str(small)),
            lambda: _run("check_jsonschema", "--schemafile", str(SCHEMA), *_jobs(small)),
            lambda: _run("dlcapply", "validate", str(large)),
        )
    _print("check-jsonschema", asked.files, theirs)
    _print("dlcapply validate", asked.files, ours)
    _print("dlcapply validate", 2 * asked.files, twice)
    print(f"\n{theirs.seconds / ours.seconds:.1f} times as fast as check-jsonschema (bar: {BAR})")
    print(f"{twice.seconds / ours.seconds:.2f} times the time for twice the files")
    print(f"{(twice.megabytes - ours.megabytes) * 1024 / asked.files:.1f} KB more for each more file")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000, help="manifests, each in a file (default: 1000)")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each command (default: 5)")
    return parser.parse_args()


def _repository(folder: Path, files: int) -> Path:
    """A copy of manifests/ with so many jobs, none with the name of another."""
    source = ROOT / "manifests"
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns(".dlcapply", "jobs"))
    originals = sorted(source.glob("jobs/**/*.yaml"))
    for number, original in enumerate(islice(cycle(originals), files)):
        name = f"{original.stem}-{number}"
        text = original.read_text(encoding="utf-8").replace(f"name: {original.stem}\n", f"name: {name}\n")
        path = folder / "jobs" / original.parent.name / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def _jobs(folder: Path) -> list[str]:
    return sorted(map(str, folder.glob("jobs/**/*.yaml")))


def _costs(rounds: int, *runs: Callable[[], Cost]) -> Iterator[Cost]:
    """The median cost of each, after one round that only fills caches."""
    every = [[run() for run in runs] for _ in range(rounds + 1)][1:]
    for costs in zip(*every, strict=True):
        seconds = statistics.median(cost.seconds for cost in costs)
        yield Cost(seconds, statistics.median(cost.megabytes for cost in costs))


def _run(module: str, *args: str) -> Cost:
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", module, *args], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{module} ended with {process.returncode}; is it installed? (see benchmarks/README.md)")
    return Cost(seconds, usage.ru_maxrss / 1024)


def _print(name: str, files: int, cost: Cost) -> None:
    print(f"{name:<20}{files:>6} files {cost.seconds:>8.2f} s {cost.megabytes:>8.1f} MB")


if __name__ == "__main__":
    main()
