"""What two states of the manifests declare, and in which values one job differs between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dlcapply.model.diffs import Origin, ValueChange
from dlcapply.pai import IN_PLACE, KEYED_LISTS
from dlcapply.planning.fields import Effect, effects_in
from dlcapply.planning.keyed_lists import by_key, is_keyed
from dlcapply.planning.masking import masked_pair
from dlcapply.planning.mismatches import mismatches
from dlcapply.planning.normalisation import normalise
from dlcapply.planning.value_paths import judged_path, paths_of
from dlcapply.secrecy import without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dlcapply.model.diffs import Role, Side
    from dlcapply.model.findings import Place
    from dlcapply.model.jobs import Environment, Job
    from dlcapply.planning.mismatches import Mismatch

Keys = tuple[str, ...]

_SPEC = "spec"
_ENV_FROM = "envFrom"
# What the name and the project already say.
_TOLD = frozenset({"DisplayName", "WorkspaceId"})
_ASKS = "asks for a new run"
_NEXT = "the next run will have it"
_CHECKED = "how the manifest is checked"
_BY_EFFECT = {
    Effect.RESULT: _ASKS,
    Effect.CIRCUMSTANCES: "changes no result: asks for no run",
    Effect.NOTHING: _NEXT,
}
_BY_SECTION = {
    "metadata": _NEXT,
    "run": "governs its runs",
    _ENV_FROM: "read where apply runs: asks for no run",
}
_BY_PATH = {
    "run.token": _ASKS,
    "run.state": "says whether a run is wanted",
    "metadata.formerly": "names whose runs are its history",
}


@dataclass(frozen=True, slots=True)
class DeclaredJob:
    """A job as one state declares it; `job` is None where it is not valid there.

    `manifest` is composed, without its nulls. `hidden` are the texts that no output may show, `origin_of`
    says of a value, by the keys that lead to it, where it was written.
    """

    name: str
    manifest: Mapping[str, Any]
    place: Place
    job: Job | None = None
    hidden: tuple[str, ...] = ()
    origin_of: Callable[[Keys], Origin] = field(default=lambda _: Origin(), repr=False, compare=False)

    @property
    def labels(self) -> Mapping[str, str]:
        metadata = self.manifest.get("metadata")
        labels = metadata.get("labels") if isinstance(metadata, dict) else None
        return labels if isinstance(labels, dict) else {}

    @property
    def formerly(self) -> tuple[str, ...]:
        metadata = self.manifest.get("metadata")
        names = metadata.get("formerly") if isinstance(metadata, dict) else None
        return tuple(filter(lambda name: isinstance(name, str), names)) if isinstance(names, list) else ()


@dataclass(frozen=True, slots=True)
class Content:
    """What one file is to the jobs, and what it holds: a digest, and its value where it governs all jobs."""

    role: Role
    digest: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class DeclaredState:
    """Everything that one state declares, as far as it is known.

    `contents` are the files that jobs are made of, by their paths in the repository; `unread` those of them
    whose manifests can't be composed.
    """

    side: Side
    jobs: Mapping[str, DeclaredJob] = field(default_factory=dict)
    contents: Mapping[str, Content] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()
    environment: Environment | None = None

    @property
    def is_known(self) -> bool:
        return not self.side.trouble

    @property
    def hidden(self) -> frozenset[str]:
        return frozenset(text for job in self.jobs.values() for text in job.hidden)


def is_same(before: DeclaredJob, after: DeclaredJob) -> bool:
    """Whether both states declare the same, in every value and its type."""
    return bool(_exact(before.manifest) == _exact(after.manifest))


def _exact(value: Any) -> Any:
    """The value, in which what Python takes for equal is not: 1, 1.0 and true."""
    match value:
        case dict():
            return {key: _exact(item) for key, item in value.items()}
        case list():
            return [_exact(item) for item in value]
    return type(value), value


def value_changes(before: DeclaredJob, after: DeclaredJob) -> tuple[ValueChange, ...]:
    """Every value in which the job differs, by its path in the manifest; of lists with keys, the items.

    Spellings of one value, and the order of what has none, are no difference.
    """
    found = mismatches(comparable(before.manifest), comparable(after.manifest))
    return tuple(_change(one, before, after) for one in found)


def comparable(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest as maps all the way down to what is compared, without its name."""
    parts: dict[str, Any] = {"metadata": {}, "run": {}, _SPEC: {}, **manifest}
    match manifest.get("metadata"):
        case dict() as metadata:
            parts["metadata"] = {key: value for key, value in metadata.items() if key != "name"}
    match manifest.get(_SPEC):
        case dict() as spec:
            body = {key: value for key, value in spec.items() if key not in _TOLD}
            parts[_SPEC] = _with_keys(normalise(body), "")
    parts[_ENV_FROM] = _by_name(manifest.get(_ENV_FROM) or [])
    return parts


def _by_name(sources: Any) -> Any:
    """The sources by the names that they fill; as they are where they have none, or one twice."""
    if not isinstance(sources, list) or not all(isinstance(one, dict) for one in sources):
        return sources
    named = {str(one.get("name", "")): one for one in sources}
    return named if len(named) == len(sources) else sources


def _with_keys(value: Any, path: str) -> Any:
    match value:
        case dict():
            return {key: _with_keys(item, f"{path}.{key}".lstrip(".")) for key, item in value.items()}
        case list() if is_keyed(value, path):
            return {key: _with_keys(item, f"{path}[]") for key, item in by_key(value, path).items()}
    return value


def _as_lists(value: Any, path: str) -> Any:
    """What `_with_keys` was made of."""
    match value:
        case dict() if path in KEYED_LISTS:
            return [_as_lists(item, f"{path}[]") for item in value.values()]
        case dict():
            return {key: _as_lists(item, f"{path}.{key}".lstrip(".")) for key, item in value.items()}
    return value


def _change(one: Mismatch, before: DeclaredJob, after: DeclaredJob) -> ValueChange:
    section, *below = one.keys
    path, shown = paths_of(below) if section == _SPEC else ("", "")
    if section == _SPEC:
        shown = f"{_SPEC}{'' if shown.startswith('[') else '.'}{shown}" if shown else _SPEC
    else:
        shown = paths_of(one.keys)[1]
    left, right = (_as_lists(side, path) if section == _SPEC else side for side in (one.live, one.desired))
    shown_left, shown_right = masked_pair(
        left,
        right,
        _judged(one, path),
        secret_names=_from_environment(before) | _from_environment(after),
        secret_texts={*before.hidden, *after.hidden},
    )
    was, is_now = before.origin_of(one.keys), after.origin_of(one.keys)
    return ValueChange(
        without_secrets(shown),
        shown_left,
        shown_right,
        effect_at(one.keys, left, right),
        was.text,
        is_now.text,
        tuple(dict.fromkeys((*was.files, *is_now.files))),
    )


def _judged(one: Mismatch, path: str) -> str:
    """The path by which a value is judged; a token of `run` is none that opens anything."""
    match one.keys:
        case ("run", *_):
            return ""
        case ("spec", *_):
            return judged_path(one, path)
    return ".".join(one.keys)


def _from_environment(job: DeclaredJob) -> frozenset[str]:
    sources = _by_name(job.manifest.get(_ENV_FROM))
    return frozenset(sources) if isinstance(sources, dict) else frozenset()


def effect_at(keys: Keys, before: Any, after: Any) -> str:
    """What the value can change about a run, in words."""
    section, *below = keys
    if section != _SPEC:
        return _BY_PATH.get(".".join(keys[:2])) or _BY_SECTION.get(section, _CHECKED)
    path, _ = paths_of(below)
    if path in IN_PLACE:
        return "PAI may change it in place"
    effects = effects_in(path, before) | effects_in(path, after)
    return _BY_EFFECT[next((effect for effect in Effect if effect in effects), Effect.RESULT)]
