"""What a caller may choose: which manifests and where to, and what a plan may do."""

from __future__ import annotations

from dataclasses import dataclass

# In place of a value that may be a secret; what it stands for is given anew.
HIDDEN = "…"


@dataclass(frozen=True, slots=True)
class Where:
    """The options that say which manifests, and where to."""

    paths: tuple[str, ...] = ()
    environment: str = ""
    region: str = ""
    workspace: str = ""
    owner: str = ""
    endpoint: str = ""
    view: str = ""
    var: tuple[str, ...] = ()
    var_file: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wishes:
    """The options that change what a plan does."""

    prune: bool = False
    allow_replace: tuple[str, ...] = ()
    no_preflight: bool = False
    allow_stops: int | None = None
