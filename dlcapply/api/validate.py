"""What is wrong with manifests, offline."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.api.load import judged
from dlcapply.api.options import to_target_options
from dlcapply.errors import InvalidManifestsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike
    from typing import Unpack

    from dlcapply.api.keywords import TargetKeywords
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


def validate(
    *paths: str | PathLike[str], environ: Mapping[str, str] | None = None, **options: Unpack[TargetKeywords]
) -> Validation:
    """The findings of the manifests, errors too; no service is asked, and no environment is needed.

    Raises NoManifestsError where there is no manifest, UsageError for what does not exist.
    """
    return validate_target(to_target_options(paths, options), os.environ if environ is None else environ)


def validate_target(target: TargetOptions, environ: Mapping[str, str]) -> Validation:
    """The manifests as judged, or the project file where it is too wrong to read them."""
    try:
        loaded = judged(target, environ, needs_environment=False, needs_jobs=False)
    except InvalidManifestsError as error:
        files = len({finding.place.file for finding in error.findings if finding.place})
        return Validation(error.findings, (), frozenset(), files, files)
    return Validation(loaded.findings, loaded.waived, loaded.looked_at, loaded.files, loaded.documents)
