"""What the caller wants loaded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """Which manifests to load, and for which environment; everything may be left out.

    `select` and `exclude` hold name globs or `label=value`. `region`, `workspace`, `owner` and `view` make an
    environment where the project declares none, and must agree with it where it does; `ambient_region` and
    `ambient_workspace` only fill in for them. `stdin` are the bytes behind the path `-`, `environ` the
    environment variables that git reads.

    `needs_environment` is false where only the files matter, and `needs_jobs` where only the findings do, so
    that nothing is kept of valid manifests. `keeps_composed` asks for the composed manifests too, and
    `may_be_empty` is true where nobody needs a manifest to be chosen.

    `instead` are contents that stand in place of those of files, by the names that these are shown under.

    With `only_environment`, no project file is read and no manifest: region and workspace make the
    environment.

    `working` stands for the working folder where files are of another place than where one stands; above
    `top` no project file counts.
    """

    paths: tuple[str, ...] = ()
    environment: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    variable_files: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    region: str = ""
    workspace: str = ""
    owner: str = ""
    endpoint: str = ""
    view: str = ""
    stdin: bytes = b""
    ambient_region: str = ""
    ambient_workspace: str = ""
    environ: Mapping[str, str] = field(default_factory=dict)
    needs_environment: bool = True
    needs_jobs: bool = True
    keeps_composed: bool = False
    may_be_empty: bool = False
    instead: Mapping[str, bytes] = field(default_factory=dict)
    only_environment: bool = False
    working: Path | None = None
    top: Path | None = None
