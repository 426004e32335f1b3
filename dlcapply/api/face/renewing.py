"""Asking for new runs, and removing old ones, from Python."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.api.acting.cleanup import (
    CleanupRequest,
    check_plans_alike,
    cleanup_context,
    leftovers,
    load_to_clean,
    shown_runs,
)
from dlcapply.api.acting.rerun import jobs_to_rerun, reruns, tokens_taken, write_tokens
from dlcapply.api.face.whole import check_whole
from dlcapply.api.journals import note_what_ended
from dlcapply.api.options import (
    AT_A_TIME,
    MOST_AT_A_TIME,
    check_count,
    check_flag,
    check_time,
    several,
    some,
)
from dlcapply.applying.deleting import delete_shown
from dlcapply.errors import DlcapplyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dlcapply.api.acting.cleanup import Leftovers
    from dlcapply.api.acting.rerun import Reruns
    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.model.stops import DeleteOutcome


def rerun(manifests: Manifests, service: Service, *names: str, dry_run: bool = False) -> Reruns:
    """The manifests of these jobs have another `run.token`, in their files; with `dry_run` they would.

    Nothing runs yet: the `manifests` of the value are those with the new tokens, to be planned, reviewed and
    applied. Raises UsageError for what no manifest declares, DlcapplyError, with the line to write by hand,
    where a token can't be put into the text.
    """
    check_flag("dry_run", dry_run)
    wanted = several("names", names)
    read = jobs_to_rerun(manifests.target, manifests.environ, wanted)
    taken = tokens_taken(read, service, wanted)
    now = service.now()
    asked = reruns(read, wanted, taken=taken, today=now.date() if now else None)
    if not dry_run:
        write_tokens(asked)
    return asked


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The ended runs that are meant, and what became of those that were to be removed."""

    found: Leftovers
    outcomes: tuple[DeleteOutcome, ...] = ()


def cleanup(  # noqa: PLR0913  the options of the command, by name
    manifests: Manifests,
    service: Service,
    *names: str,
    consent: Callable[[Leftovers], bool] | None = None,
    select: str | Iterable[str] | None = None,
    exclude: str | Iterable[str] = (),
    older_than: float = 0.0,
    statuses: str | Iterable[str] = (),
    undeclared: bool = False,
    parallelism: int = AT_A_TIME,
) -> Cleaned:
    """The ended runs of this project; those that no plan can decide by are removed, if `consent` says so.

    Without `consent` they are told of alone; it sees them, if any may be removed, and only True is a yes.
    `older_than` is in seconds. Raises a DlcapplyError before anything is removed where not all manifests of
    the project can be read, or `consent` says no; afterwards, what failed is an outcome.
    """
    check_time("older_than", older_than)
    check_flag("undeclared", undeclared)
    check_count("parallelism", parallelism, 1, MOST_AT_A_TIME)
    request = CleanupRequest(
        several("names", names),
        () if select is None else some("select", select),
        several("exclude", exclude),
        older_than,
        several("statuses", statuses),
        undeclared,
    )
    check_whole(manifests, "cleanup")
    read = load_to_clean(manifests.target, manifests.environ, deletes=consent is not None)
    if consent is not None:
        note_what_ended(read, service)
    found = leftovers(read, service, request)
    if consent is None or not found.removable:
        return Cleaned(found)
    check_plans_alike(read, service, found)
    if consent(found) is not True:
        raise DlcapplyError("not removed: the answer was no", hint="nothing was removed")
    runs = shown_runs(found, read.jobs)
    return Cleaned(found, delete_shown(runs, cleanup_context(read, service), parallelism=parallelism))
