"""What is wrong with manifests, offline."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.api.load import judged
from dlcapply.api.options import target_options
from dlcapply.errors import InvalidManifestsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from os import PathLike

    from dlcapply.api.options import TargetOptions
    from dlcapply.model.findings import Finding


@dataclass(frozen=True, slots=True)
class Validation:
    """What was found, by place, and in how many files and documents.

    `waived` is what manifests dropped from the findings, each with a reason. `looked_at` are the files that
    hold manifests.
    """

    findings: tuple[Finding, ...]
    waived: tuple[Finding, ...]
    looked_at: frozenset[str]
    files: int
    documents: int


def validate(  # noqa: PLR0913  the options of the command, by name
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
    environ: Mapping[str, str] | None = None,
) -> Validation:
    """The findings of the manifests, errors too; no service is asked, and no environment is needed.

    The options are those of `load`. Raises NoManifestsError where there is no manifest, UsageError for what
    does not exist.
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
    )
    return validate_target(target, os.environ if environ is None else environ)


def validate_target(
    target: TargetOptions, environ: Mapping[str, str], *, may_be_empty: bool = False
) -> Validation:
    """The manifests as judged, or the project file where it is too wrong to read them."""
    try:
        loaded = judged(target, environ, needs_environment=False, needs_jobs=False, may_be_empty=may_be_empty)
    except InvalidManifestsError as error:
        files = len({finding.place.file for finding in error.findings if finding.place})
        return Validation(error.findings, (), frozenset(), files, files)
    return Validation(loaded.findings, loaded.waived, loaded.looked_at, loaded.files, loaded.documents)
