"""`adopt` and `release`, step by step: look at the runs, judge, write the claim down."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from dlcapply.cli.connecting import connected
from dlcapply.cli.loading import load_valid
from dlcapply.errors import UsageError
from dlcapply.manifest.files.claims import write_claims
from dlcapply.manifest.findings import did_you_mean
from dlcapply.model import Identity
from dlcapply.planning.claiming import adopted, released, run_to_adopt, run_to_release
from dlcapply.planning.reasons import describe

if TYPE_CHECKING:
    from collections.abc import Callable

    from dlcapply.cli.choices import Where
    from dlcapply.cli.connecting import Cloud
    from dlcapply.cli.shell import Shell
    from dlcapply.manifest.load import Loaded
    from dlcapply.model import Claim, Environment, Job, Run

_JOB_ID = re.compile(r"dlc[0-9a-z]{6,40}")


def adopt_run(
    shell: Shell, *, where: Where, name: str, job_id: str, giver: str, read_timeout: float
) -> list[str]:
    """The run is claimed for the job of the manifest; the lines that say so."""

    def claim(loaded: Loaded, environment: Environment, cloud: Cloud) -> tuple[Run, Claim]:
        job = _declared(name, loaded)
        runs = cloud.jobs.runs_named(*job.names)
        chosen = run_to_adopt(name, runs, environment=environment, job_id=job_id, giver=giver)
        run = cloud.jobs.detail(chosen)
        return run, adopted(run, job=job)

    run, file, _ = _claimed(shell, where, read_timeout, claim)
    return [f"{name}: {describe(run)} is adopted, in {file}: commit it, then plan."]


def release_run(shell: Shell, *, where: Where, name: str, job_id: str, read_timeout: float) -> list[str]:
    """The run is nobody's any more, and goes on; the lines that say so."""

    def claim(loaded: Loaded, environment: Environment, cloud: Cloud) -> tuple[Run, Claim]:
        declared = [job.names for job in loaded.jobs if job.name == name]
        runs = cloud.jobs.runs_named(*(declared[0] if declared else (name,)))
        run = run_to_release(name, runs, environment=environment, job_id=job_id)
        return run, released(run)

    run, file, loaded = _claimed(shell, where, read_timeout, claim)
    lines = [
        f"{name}: {describe(run)} is released, in {file}: commit it. It goes on, and no apply touches it."
    ]
    if name in {job.name for job in loaded.jobs}:
        lines.append(f"A manifest declares {name}: until that run has ended, plans are blocked.")
    return lines


def _claimed(
    shell: Shell,
    where: Where,
    read_timeout: float,
    claim: Callable[[Loaded, Environment, Cloud], tuple[Run, Claim]],
) -> tuple[Run, str, Loaded]:
    """The run, the name of the file that holds the claim on it now, and the manifests."""
    _check_paths(where)
    loaded, environment = load_valid(where, shell.environ)
    if not loaded.has_project:
        raise UsageError(
            "there is no project file here or above: a claim needs a place in it",
            hint="name the project's folder behind the job's name, or write a dlcapply.yaml",
        )
    if environment.identity is Identity.NAME:
        raise UsageError("with identity: name, every run of the name is the job's own: claims mean nothing")
    with connected(environment, shell, loaded=loaded, read_timeout=read_timeout) as cloud:
        run, new = claim(loaded, environment, cloud)
    claims = {**loaded.claims, run.job_id: new}
    return run, write_claims(Path(loaded.root), claims.values()), loaded


def _check_paths(where: Where) -> None:
    """Raises UsageError for the JobId of a run in place of a path."""
    for word in where.paths:
        if _JOB_ID.fullmatch(word) and not os.path.exists(word):  # noqa: PTH110
            raise UsageError(f"there is no file or folder {word}", hint=f"a run is named by --job-id {word}")


def _declared(name: str, loaded: Loaded) -> Job:
    for job in loaded.jobs:
        if job.name == name:
            return job
    meant = did_you_mean(name, [job.name for job in loaded.jobs])
    hint = meant or "write its manifest first: it says what the run counts as"
    raise UsageError(f"no manifest declares {name}", hint=hint)
