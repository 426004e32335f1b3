"""Where a run comes from, for people: the commit, who asked, and the CI's run, as one mark."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.model.jobs import LONGEST_TAG
from dlcapply.repository.checkout import Checkout, checkout_of, is_dirty, read_commit
from dlcapply.repository.git import NoGitError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_DIRTY = "-dirty"
_SHORT_COMMIT = 12
_SHORT_ACTOR = 24
_COMMIT = re.compile(r"[0-9A-Za-z]{1,64}")
_HASH = re.compile(rf"[0-9a-f]{{7,64}}(?:{_DIRTY})?")
# What every tag takes: which characters PAI refuses in a value is not documented.
_ODD = re.compile(r"[^A-Za-z0-9_.:/@+=-]+")


@dataclass(frozen=True, slots=True)
class Started:
    """What a run was started from, as its own mark says: for people, and believed by nobody."""

    commit: str = ""
    actor: str = ""
    run: str = ""


@dataclass(frozen=True, slots=True)
class _System:
    """A CI system: the variables of its commit and actor, first things first; `run` is the run's address."""

    commit: str
    actors: tuple[str, ...]
    run: str


# https://docs.github.com/actions/reference/workflows-and-actions/variables (Gitea and Forgejo set the same),
# https://docs.gitlab.com/ci/variables/predefined_variables/, and of Yunxiao's Flow
# https://help.aliyun.com/zh/yunxiao/user-guide/environment-variables
_SYSTEMS = (
    _System(
        "GITHUB_SHA",
        ("GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR"),
        "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}",
    ),
    _System("CI_COMMIT_SHA", ("GITLAB_USER_LOGIN",), "{CI_JOB_URL}"),
    _System(
        "CI_COMMIT_SHA", ("BUILD_EXECUTOR",), "flow.aliyun.com/pipelines/{PIPELINE_ID}/builds/{BUILD_NUMBER}"
    ),
)


def provenance(folder: Path, environ: Mapping[str, str]) -> str:
    """The commit, the actor and the address of the CI's run, of what is known; as long as a tag may be."""
    systems = [
        (
            _commit(environ.get(system.commit, "")),
            _first(environ, system.actors),
            _address(environ, system.run),
        )
        for system in _SYSTEMS
    ]
    # Two systems name their commit alike: the one that is here says more.
    commit, actor, run = max(systems, key=lambda found: (bool(found[2]) + bool(found[1]), bool(found[0])))
    checkout = checkout_of(folder, environ)
    try:
        if checkout is not None:
            commit = _stated(checkout, commit)
            actor = actor or checkout.ask("config", "user.name").text.strip()
    except NoGitError:
        pass
    return _fitted(commit, _safe(actor), _safe(run))


def started_from(mark: str) -> Started:
    """The parts of a mark as `provenance` writes it; of any other text, nothing."""
    parts = mark.split(" ") if mark.isprintable() and len(mark) <= LONGEST_TAG else []
    if not 0 < len(parts) <= len(("commit", "actor", "run")) or any(_ODD.search(part) for part in parts):
        return Started()
    commit = parts.pop(0) if _HASH.fullmatch(parts[0]) else ""
    run = parts.pop() if parts and "/" in parts[-1] else ""
    return Started(commit, parts[0] if len(parts) == 1 else "", run)


def ci_run(environ: Mapping[str, str]) -> str:
    """The address of the CI's run that this process is part of; empty elsewhere."""
    address = next((run for system in _SYSTEMS if (run := _address(environ, system.run))), "")
    return f"https://{address}" if address else ""


def _stated(checkout: Checkout, commit: str) -> str:
    """The commit that is checked out, with a word where what is in the folder is not what is in it.

    The CI's own is that of the event: a workflow may check out the branch as it is by now.
    """
    commit = read_commit(checkout) or commit
    return f"{commit}{_DIRTY if commit and is_dirty(checkout) else ''}"


def _commit(text: str) -> str:
    return text if _COMMIT.fullmatch(text) else ""


def _first(environ: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((value for name in names if (value := environ.get(name, ""))), "")


def _address(environ: Mapping[str, str], form: str) -> str:
    """The address without its scheme; empty where a variable of it is not set."""
    names = re.findall(r"{(\w+)}", form)
    if not all(environ.get(name) for name in names):
        return ""
    return form.format_map(environ).partition("://")[2] or form.format_map(environ)


def _safe(text: str) -> str:
    safe = _ODD.sub("-", text).strip("-")
    return safe if re.search("[A-Za-z0-9]", safe) else ""


def _fitted(commit: str, actor: str, run: str) -> str:
    """As much as a tag holds: the commit and the actor are shortened before the run's address is left out."""
    known, dash, dirty = commit.partition("-")
    short = f"{known[:_SHORT_COMMIT]}{dash}{dirty}"
    for parts in ((commit, actor, run), (short, actor, run), (short, actor[:_SHORT_ACTOR], run)):
        if len(text := " ".join(filter(None, parts))) <= LONGEST_TAG:
            return text
    return " ".join(filter(None, (short, actor[:_SHORT_ACTOR])))
