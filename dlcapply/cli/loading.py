"""The manifests that the options name."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from dlcapply.cli.choices import HIDDEN
from dlcapply.disk import MAX_BYTES
from dlcapply.errors import DlcapplyError, InvalidManifestsError, UsageError
from dlcapply.manifest.load import Asked, Loaded, load
from dlcapply.manifest.paths import STDIN
from dlcapply.model import Level

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.cli.choices import Where
    from dlcapply.manifest.canonical import Composed
    from dlcapply.model import Environment


def load_manifests(
    where: Where,
    environ: Mapping[str, str],
    *,
    needs_environment: bool = True,
    needs_jobs: bool = True,
    keeps_composed: bool = False,
) -> Loaded:
    """The manifests with their findings; files alone can be judged without an environment."""
    return load(
        Asked(
            paths=where.paths,
            environment=where.environment,
            variables=dict(_pair(text) for text in where.var),
            variable_files=where.var_file,
            select=where.select,
            exclude=where.exclude,
            region=where.region,
            workspace=where.workspace,
            owner=where.owner,
            endpoint=where.endpoint,
            view=where.view,
            ambient_region=_ambient(environ, "ALIBABA_CLOUD_REGION_ID"),
            ambient_workspace=_ambient(environ, "PAI_WORKSPACE_ID"),
            environ=environ,
            needs_environment=needs_environment,
            needs_jobs=needs_jobs,
            keeps_composed=keeps_composed,
            stdin=_read_stdin() if STDIN in where.paths else b"",
        )
    )


def load_valid(where: Where, environ: Mapping[str, str]) -> tuple[Loaded, Environment]:
    """The manifests and their environment; raises InvalidManifestsError when a finding is an error."""
    loaded = load_manifests(where, environ)
    if loaded.environment is None or any(finding.level is Level.ERROR for finding in loaded.findings):
        raise InvalidManifestsError(loaded.findings)
    return loaded, loaded.environment


def load_composed(where: Where, environ: Mapping[str, str]) -> list[Composed]:
    """The composed manifests by name; raises InvalidManifestsError when a finding is an error."""
    loaded = load_manifests(where, environ, needs_environment=False, needs_jobs=False, keeps_composed=True)
    if any(finding.level is Level.ERROR for finding in loaded.findings):
        raise InvalidManifestsError(loaded.findings)
    return sorted(loaded.composed, key=lambda one: one.name)


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
