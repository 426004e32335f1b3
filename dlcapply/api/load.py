"""Manifests from files: as they are judged, or valid and with the environment that they lead to."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dlcapply.api.options import HIDDEN, check_flag, target_options
from dlcapply.api.state import state_folder
from dlcapply.api.validation_exit import findings_exit
from dlcapply.disk import MAX_BYTES
from dlcapply.errors import DlcapplyError, InvalidManifestsError, UsageError
from dlcapply.manifest import load as manifest
from dlcapply.manifest.load_request import LoadRequest
from dlcapply.manifest.paths import STDIN
from dlcapply.model.findings import Level

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from os import PathLike

    from dlcapply.api.options import TargetOptions
    from dlcapply.api.state import StateFolder
    from dlcapply.manifest.canonical import Composed
    from dlcapply.manifest.load import Loaded
    from dlcapply.model.findings import Finding
    from dlcapply.model.jobs import Environment, Job


_WITHOUT_PROJECT = "runs are reached without the project file, too: give --region NAME and --workspace ID"


@dataclass(frozen=True, slots=True)
class Manifests:
    """Valid manifests, and the environment that they are for.

    `target` is what was asked for, `loaded` all that was read. `environ` gives the variables of `envFrom`
    their values.
    """

    target: TargetOptions
    loaded: Loaded
    environment: Environment
    environ: Mapping[str, str] = field(repr=False)

    @property
    def jobs(self) -> tuple[Job, ...]:
        return self.loaded.jobs

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all jobs, as far as they can be read."""
        broken = (one.name for one in self.loaded.broken if one.name)
        return tuple(dict.fromkeys((*(job.name for job in self.jobs), *broken)))

    def of_jobs(self, names: Collection[str]) -> Manifests:
        """The manifests of these jobs alone, for a plan that says nothing of any other."""
        jobs = tuple(job for job in self.jobs if job.name in names)
        broken = tuple(one for one in self.loaded.broken if one.name and one.name in names)
        return replace(self, loaded=replace(self.loaded, jobs=jobs, broken=broken, complete=False))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The warnings: where there is an error, there are no `Manifests`."""
        return self.loaded.findings

    @property
    def undeclared(self) -> str:
        """Of a run of a name that no manifest has: as much as can be said where some can't be read."""
        files = list(dict.fromkeys(one.file for one in self.loaded.broken if not one.name))
        if not files:
            return "no manifest declares it"
        more = f" and {len(files) - 1:,} more" if files[1:] else ""
        return f"no manifest that can be read declares it; {files[0]}{more} can't be read, and may"

    @property
    def state(self) -> StateFolder:
        """Where what is known of the project's writes is kept."""
        return state_folder(self.target.state_dir, self.environ, root=lambda: self.loaded.root)


def load(  # noqa: PLR0913  the options of the command, by name
    *paths: str | PathLike[str],
    environment: str | None = None,
    region: str | None = None,
    workspace: str | None = None,
    owner: str | None = None,
    endpoint: str | None = None,
    view: str | None = None,
    variables: Mapping[str, str] | None = None,
    variable_files: Iterable[str | PathLike[str]] = (),
    select: Iterable[str] | None = None,
    exclude: Iterable[str] = (),
    state_dir: str | PathLike[str] | None = None,
    environ: Mapping[str, str] | None = None,
    for_runs: bool = False,
) -> Manifests:
    """The manifests of the paths, or of the project around the working folder, and their environment.

    `variables` are the texts of declared variables. `environ` are the environment variables, those of the
    process unless given. Raises InvalidManifestsError when a finding is an error, NoManifestsError where
    there is no manifest, UsageError for what does not exist, is empty, or does not fit together.
    `for_runs`: to look after runs, there need be no manifest, and one that is broken is a finding alone.
    """
    target = target_options(
        paths,
        environment=environment,
        region=region,
        workspace=workspace,
        owner=owner,
        endpoint=endpoint,
        view=view,
        variables=variables,
        variable_files=variable_files,
        select=select,
        exclude=exclude,
        state_dir=state_dir,
    )
    check_flag("for_runs", for_runs)
    read = load_for_runs if for_runs else load_target
    return read(target, os.environ if environ is None else environ)


def load_target(
    target: TargetOptions, environ: Mapping[str, str], *, may_be_empty: bool = False
) -> Manifests:
    """The manifests that the options name; raises as `load` does, unless there may be none."""
    loaded = judged(target, environ, may_be_empty=may_be_empty)
    if loaded.environment is None or any(finding.level is Level.ERROR for finding in loaded.findings):
        raise _invalid(loaded.findings)
    return Manifests(target, loaded, loaded.environment, environ)


def load_for_runs(
    target: TargetOptions, environ: Mapping[str, str], *, way_out: str = _WITHOUT_PROJECT
) -> Manifests:
    """The environment of the runs, with as many manifests as can be read; there need not be any.

    What is wrong in a manifest is among the findings, and costs that manifest alone. Where the project file
    is broken, or there is none, region and workspace name the environment. Raises UsageError where nothing
    does, InvalidManifestsError where only a broken project file could, with `way_out` as its hint.
    """
    request = replace(request_of(target, environ), may_be_empty=True)
    is_named = bool(
        (target.region or request.ambient_region) and (target.workspace or request.ambient_workspace)
    )
    try:
        alone = is_named and not target.paths and not manifest.has_project()
        loaded = manifest.load(replace(request, only_environment=alone))
    except InvalidManifestsError as error:
        if not (target.region and target.workspace):
            error.hint = way_out
            raise
        bare = manifest.load(replace(request, only_environment=True))
        loaded = replace(bare, findings=(*error.findings, *bare.findings))
    if loaded.environment is None:
        raise _invalid(loaded.findings, hint=way_out)
    return Manifests(target, loaded, loaded.environment, environ)


def load_composed(target: TargetOptions, environ: Mapping[str, str]) -> list[Composed]:
    """The composed manifests by name; raises InvalidManifestsError when a finding is an error."""
    loaded = judged(target, environ, needs_environment=False, needs_jobs=False, keeps_composed=True)
    if any(finding.level is Level.ERROR for finding in loaded.findings):
        raise _invalid(loaded.findings)
    return sorted(loaded.composed, key=lambda one: one.name)


def _invalid(findings: Iterable[Finding], *, hint: str = "") -> InvalidManifestsError:
    """The error that says what is wrong, with the exit code of a denial where only policies complain."""
    error = InvalidManifestsError(findings)
    error.exit_code, error.hint = findings_exit(error.findings), hint
    return error


def judged(
    target: TargetOptions,
    environ: Mapping[str, str],
    *,
    needs_environment: bool = True,
    needs_jobs: bool = True,
    keeps_composed: bool = False,
    may_be_empty: bool = False,
) -> Loaded:
    """The manifests with their findings; files alone can be judged without an environment."""
    request = request_of(target, environ)
    return manifest.load(
        replace(
            request,
            needs_environment=needs_environment,
            needs_jobs=needs_jobs,
            keeps_composed=keeps_composed,
            may_be_empty=may_be_empty,
        )
    )


def judged_with(target: TargetOptions, environ: Mapping[str, str], contents: Mapping[str, bytes]) -> Loaded:
    """The manifests as they would be with other contents of files, by their shown names."""
    return manifest.load(replace(request_of(target, environ), instead=contents, keeps_composed=True))


def request_of(target: TargetOptions, environ: Mapping[str, str]) -> LoadRequest:
    """What the options ask to be loaded, with what is on standard input."""
    return LoadRequest(
        paths=target.paths,
        environment=target.environment,
        variables=dict(_pair(text) for text in target.var),
        variable_files=target.var_file,
        select=target.select,
        exclude=target.exclude,
        region=target.region,
        workspace=target.workspace,
        owner=target.owner,
        endpoint=target.endpoint,
        view=target.view,
        ambient_region=_ambient(environ, "ALIBABA_CLOUD_REGION_ID"),
        ambient_workspace=_ambient(environ, "PAI_WORKSPACE_ID"),
        environ=environ,
        stdin=_read_stdin() if STDIN in target.paths else b"",
    )


def _read_stdin() -> bytes:
    """What is on standard input, but no more than shows that it is too much."""
    try:
        return sys.stdin.buffer.read(MAX_BYTES + 1) or b""
    except (OSError, ValueError, AttributeError) as error:  # closed by us, or before we began
        raise DlcapplyError("standard input can't be read: it is closed") from error


def _ambient(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    if not value.isprintable():
        raise UsageError(f"${name} has characters that can't be printed: {value!r}")
    return value


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name:  # what is there is a value, which may be a secret
        raise UsageError("a --var names no variable", hint="write --var NAME=VALUE")
    if not equals:
        raise UsageError(f"--var {text!r} is not NAME=VALUE")
    if value == HIDDEN:
        raise UsageError(
            f"--var {text}: {HIDDEN} stands for a value that was not printed",
            hint=f"give the value of {name} itself",
        )
    return name, value
