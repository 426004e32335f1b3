"""Files -> jobs: the face of this package, and the order in which its parts are asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dlcapply.disk import here
from dlcapply.errors import NoManifestsError, UsageError
from dlcapply.manifest.batch import MOST_BYTES, MOST_WEIGHT, Batch, read_batch
from dlcapply.manifest.broken_manifests import BrokenManifest, broken_of
from dlcapply.manifest.canonical import Composed, composed_of
from dlcapply.manifest.check import CheckContext, CheckedManifest
from dlcapply.manifest.compose.extends import Parents
from dlcapply.manifest.environment import environment_of, values_of
from dlcapply.manifest.files.claims import read_claims
from dlcapply.manifest.files.discovery import Files, bare_files, listed_globs, project_files
from dlcapply.manifest.files.prices import read_prices
from dlcapply.manifest.findings import has_errors, in_order
from dlcapply.manifest.inherited_findings import with_reach
from dlcapply.manifest.job_names import JobNames, OtherManifests, formerly_findings, names_of_others
from dlcapply.manifest.load_request import LoadRequest
from dlcapply.manifest.near_names import meant_patterns
from dlcapply.manifest.nodes import get
from dlcapply.manifest.paths import is_piped, shown_path, target_path
from dlcapply.manifest.project import Project, find_project, overlaps, read_project
from dlcapply.manifest.rules.plan_policies import PlanPolicies, read_plan_policies
from dlcapply.manifest.rules.policies import Policies, read_policies
from dlcapply.manifest.rules.project_levels import at_project_levels, levels_of
from dlcapply.manifest.selection import is_selected
from dlcapply.manifest.unmatched_manifests import unmatched_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from dlcapply.manifest.nodes import Node
    from dlcapply.model.claims import Claim
    from dlcapply.model.findings import Finding
    from dlcapply.model.jobs import Environment, Job, Prices

__all__ = ["LoadRequest", "Loaded", "load"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the files ask for: the valid jobs by key, and the findings by place.

    `waived` is what manifests dropped from the findings, each with a reason in its file. `root` is the
    project's folder, or the working folder without one. `complete` is true only when every manifest of
    the project was loaded, nothing was filtered and nothing is wrong: only then does a missing manifest mean
    anything. `looked_at` are the files of the chosen manifests; `composed` holds these where asked for.
    `claims` are the project's, by JobId. `missed` are folders that the globs lead to and that were not looked
    into, because another project begins there. `unmatched` are the findings about manifests that no glob
    matches, whatever level the project gives them; they are looked for where all of a project is loaded.
    `names` are the present and former names of every manifest of the project that can be read, chosen or not;
    they are known where jobs are requested. `broken` are the chosen manifests with an error, and files that
    can't be read as manifests. `inherited` are the real paths of the files that manifests
    extend. `plan_policies` judge every plan of the jobs. `prices` are what instances cost, None where the
    project does not say. `meant` is a hint for patterns that select nothing.
    """

    environment: Environment | None
    jobs: tuple[Job, ...]
    findings: tuple[Finding, ...]
    waived: tuple[Finding, ...]
    files: int
    documents: int
    root: str
    has_project: bool
    complete: bool
    looked_at: frozenset[str] = frozenset()
    composed: tuple[Composed, ...] = ()
    claims: Mapping[str, Claim] = field(default_factory=dict)
    missed: tuple[str, ...] = ()
    unmatched: tuple[Finding, ...] = ()
    names: frozenset[str] = frozenset()
    project: Project | None = None
    inherited: frozenset[str] = frozenset()
    plan_policies: PlanPolicies = field(default_factory=PlanPolicies)
    prices: Prices | None = None
    broken: tuple[BrokenManifest, ...] = ()
    meant: str = ""


def load(request: LoadRequest) -> Loaded:
    """The jobs that the requested files declare; what is wrong in a manifest is a finding, not an exception.

    UsageError for a path, environment or variable that does not exist, and for paths of two projects;
    NoManifestsError where nothing is left to load; InvalidManifestsError where the project file has errors.
    """
    scope = _scope(request)
    batch = read_batch(scope.files, request, scope.context)
    names, bad_names = _names(batch, scope, request)
    unmatched = _unmatched(scope)
    chosen = _chosen(batch, request)
    around = at_project_levels((*scope.files.findings, *unmatched), scope.context.levels)
    late = with_reach((manifest.file, item) for manifest in chosen for item in manifest.findings)
    findings = in_order((*scope.findings, *around, *batch.findings, *bad_names, *late))
    if not chosen and not has_errors(findings) and not request.may_be_empty:
        raise _nothing(request, scope.project, batch)
    return Loaded(
        environment=scope.context.environment,
        jobs=tuple(sorted((item.job for item in chosen if item.job), key=lambda job: job.key)),
        findings=findings,
        waived=in_order(item for manifest in chosen for item in manifest.waived),
        files=batch.files,
        documents=batch.documents,
        root=str(scope.root),
        has_project=scope.project is not None,
        complete=scope.is_whole and not _is_filtered(request) and not has_errors(findings),
        looked_at=frozenset(item.file for item in chosen),
        composed=_composed(chosen, scope.context),
        claims=scope.claims,
        missed=tuple(map(shown_path, scope.files.missed)),
        unmatched=unmatched,
        names=names,
        project=scope.project,
        inherited=scope.context.parents.files,
        plan_policies=scope.plan_policies,
        prices=scope.prices,
        meant="" if chosen else _meant(batch, request),
        broken=_broken(chosen, batch, bad_names, request),
    )


@dataclass(frozen=True, slots=True)
class _Scope:
    """What is loaded, and what all of it shares; `findings` are about the project's own files."""

    project: Project | None
    context: CheckContext
    files: Files
    claims: Mapping[str, Claim]
    findings: tuple[Finding, ...]
    working: Path
    plan_policies: PlanPolicies = field(default_factory=PlanPolicies)
    prices: Prices | None = None

    @property
    def root(self) -> Path:
        return self.project.root if self.project else self.working

    @property
    def is_whole(self) -> bool:
        """Whether every manifest of a project is to be read."""
        return self.project is not None and self.files.everything


def _scope(request: LoadRequest) -> _Scope:
    working = request.working or here()
    if request.only_environment:
        context, findings = _context(None, request, Policies(), working)
        return _Scope(None, context, Files(), {}, findings, working)
    targets = [target_path(word) for word in request.paths or (".",) if not is_piped(word)]
    project = _project_of(targets or [working], request.top)
    on_plan, bad_policies = read_plan_policies(project) if project else (Policies(), ())
    context, findings = _context(project, request, on_plan, working)
    if project is None:
        return _Scope(None, context, bare_files(targets), {}, findings, working)
    claims, bad_claims = read_claims(project.root)
    prices, bad_prices = read_prices(project.root, _prices_of(project, context.environment))
    files = project_files(project.root, project.globs, targets)
    found = (*findings, *bad_policies, *bad_claims, *bad_prices)
    plan_policies = PlanPolicies(on_plan, context.levels)
    return _Scope(project, context, files, claims, found, working, plan_policies, prices)


def _prices_of(project: Project, environment: Environment | None) -> Node | None:
    """The name of the file of prices: of the environment's own, or else of the project's."""
    own = project.environments.get(environment.name) if environment else None
    return get(own, "prices") or get(project.document, "prices")


def project_root(paths: Iterable[str]) -> Path:
    """The folder of the one project that the paths are in, or the working folder where there is none.

    No file is read. UsageError for a path that does not exist, and for paths of two projects.
    """
    targets = [target_path(word) for word in paths if not is_piped(word)]
    return _root_of(targets or [here()]) or here()


def has_project() -> bool:
    """Whether there is a project file in the working folder, or above."""
    return find_project(here()) is not None


def _project_of(targets: Iterable[Path], top: Path | None) -> Project | None:
    """The one project of all targets; UsageError where they belong to several."""
    root = _root_of(targets, top)
    return read_project(root) if root else None


def _root_of(targets: Iterable[Path], top: Path | None = None) -> Path | None:
    roots = {find_project(path if path.is_dir() else path.parent, top) for path in targets}
    if len(roots) > 1:
        names = ", ".join(sorted(shown_path(root) if root else "none" for root in roots))
        raise UsageError(f"the paths belong to several projects: {names}", hint="run once for each project")
    return roots.pop()


def _context(
    project: Project | None, request: LoadRequest, on_plan: Policies, working: Path
) -> tuple[CheckContext, tuple[Finding, ...]]:
    environment = environment_of(project, request)
    name = environment.name if environment else ""
    values, bad_values = values_of(project, name, request)
    policies, bad_policies = read_policies(project) if project else (Policies(), ())
    known = policies.rules | on_plan.rules
    levels, bad_levels = levels_of(project.document, known) if project else ({}, ())
    weak = at_project_levels(overlaps(project), levels) if project else ()
    context = CheckContext(
        parents=Parents(project.root if project else working),
        environment=environment,
        workspace=get(project.environments.get(name), "workspaceId") if project else None,
        defaults=project.defaults if project else None,
        values=values,
        policies=policies,
        levels=levels,
        needs_jobs=request.needs_jobs,
        keeps_composed=request.keeps_composed,
    )
    return context, (*bad_values, *bad_policies, *bad_levels, *weak)


def _names(batch: Batch, scope: _Scope, request: LoadRequest) -> tuple[frozenset[str], tuple[Finding, ...]]:
    """Every name of the project, and what is wrong with former ones: other files are read for it too."""
    mine = [JobNames(item.name, item.place, item.formerly) for item in batch.manifests]
    others = OtherManifests()
    if request.needs_jobs or any(named.formerly for named in mine):
        others = names_of_others(
            scope.files.others, scope.context, most_bytes=MOST_BYTES, most_weight=MOST_WEIGHT
        )
    names = frozenset(name for named in (*mine, *others.named) for name in named.names)
    return names, tuple(formerly_findings(mine, others))


def _unmatched(scope: _Scope) -> tuple[Finding, ...]:
    """Findings for manifests that no glob matches; asked last, when it is known which files are parents."""
    if not scope.is_whole:
        return ()
    return unmatched_of(scope.root, scope.files.paths, scope.context.parents)


def _chosen(batch: Batch, request: LoadRequest) -> list[CheckedManifest]:
    """The selected manifests, and those without a name, which nobody can select."""
    return [
        item
        for item in batch.manifests
        if not item.name or is_selected(item.name, item.labels, request.select, request.exclude)
    ]


def _broken(
    chosen: Iterable[CheckedManifest], batch: Batch, bad_names: Iterable[Finding], request: LoadRequest
) -> tuple[BrokenManifest, ...]:
    """Those that were asked for; where nobody can tell, by a label, they are."""
    select = () if any("=" in word for word in request.select) else request.select
    found = broken_of(chosen, batch.unread, (*batch.shared, *bad_names))
    return tuple(one for one in found if not one.name or is_selected(one.name, {}, select, request.exclude))


def _composed(chosen: Iterable[CheckedManifest], context: CheckContext) -> tuple[Composed, ...]:
    return tuple(composed_of(item.composed, item.file, context) for item in chosen if item.composed)


def _meant(batch: Batch, request: LoadRequest) -> str:
    return meant_patterns(request.select, ((one.name, one.labels) for one in batch.manifests if one.name))


def _is_filtered(request: LoadRequest) -> bool:
    return bool(request.select or request.exclude or any(map(is_piped, request.paths)))


def _nothing(request: LoadRequest, project: Project | None, batch: Batch) -> NoManifestsError:
    if batch.manifests:
        return NoManifestsError("no manifest is selected", hint=_meant(batch, request))
    if project and not project.globs:
        return NoManifestsError(
            "the project names no manifests", hint="list globs under manifests in dlcapply.yaml"
        )
    globs = listed_globs(project.globs) if project else ""
    where = ", ".join(request.paths) or (f"{shown_path(project.root)}: {globs}" if project else "this folder")
    return NoManifestsError(f"no manifests found in {where}", hint="manifests are YAML files of kind Job")
