"""The journal of a project for one target: what was written there from here."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from dlcapply.api.state import JOURNAL
from dlcapply.applying.journal import Journal
from dlcapply.applying.open_writes import note_ends
from dlcapply.errors import DlcapplyError
from dlcapply.model.jobs import Identity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.model.runs import Run

# How long a run that was created here may be missing from listings without being taken for gone.
_LONGEST_LAG = timedelta(hours=1)


def journal_of(manifests: Manifests, service: Service, *, provenance: str = "") -> Journal:
    """The record of what was written to the environment from here; `provenance` is for what is to come.

    It goes on when the repository is moved: of which origin a run is, the run itself says.
    """
    environment = manifests.environment
    where = f"{environment.region}/{environment.workspace_id} {environment.owner} at {service.address}"
    file = manifests.state.file(JOURNAL)
    by_name = environment.identity is Identity.NAME
    return Journal(file, clock=service.clock, where=where, provenance=provenance, by_name=by_name)


def created_lately(manifests: Manifests, service: Service) -> Mapping[str, str]:
    """The names of the runs that were created from here lately, by JobId: listings may lack them yet."""
    return journal_of(manifests, service).created_since(service.clock.now() - _LONGEST_LAG)


def known_lately(manifests: Manifests, service: Service) -> Mapping[str, str]:
    """The same for who only looks, or stops: nothing where the journal can't be read."""
    try:
        return created_lately(manifests, service)
    except DlcapplyError:
        return {}


def unlisted(
    lately: Mapping[str, str],
    service: Service,
    listed: Iterable[Run],
    names: Collection[str] | None = None,
) -> tuple[Run, ...]:
    """The runs of these names, or of any, that were created `lately` and that no listing shows yet.

    Raises ServiceError where PAI gives no answer.
    """
    known = {run.job_id for run in listed}
    asked = (one for one, name in lately.items() if one not in known and (names is None or name in names))
    found = filter(None, map(service.jobs.find, asked))
    return tuple(run for run in found if run.name == lately[run.job_id])


def note_what_ended(manifests: Manifests, service: Service) -> None:
    """What was cut short, and needs no more, is settled in the journal; nothing is sent but reads."""
    note_ends(journal_of(manifests, service), service.jobs)


def stopped_from_here(journal: Journal, run: Run) -> str:
    """That the run was told to stop from here, by which commit and whom; empty where nobody knows."""
    try:
        source = journal.stopped_from(run.job_id)
    except DlcapplyError:
        return ""
    if source is None:
        return ""
    return f"dlcapply, from here{f' ({source})' if source and source.isprintable() else ''}"
