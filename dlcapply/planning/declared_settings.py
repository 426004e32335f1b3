"""What differs in files: which, and what of those that govern all jobs.

These are the project's own, policies, variables and claims.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dlcapply.model.diffs import FileChange, Role, SettingsDiff, ValueChange
from dlcapply.planning.masking import masked_pair
from dlcapply.planning.mismatches import mismatches
from dlcapply.planning.value_paths import paths_of
from dlcapply.secrecy import without_secrets

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from dlcapply.planning.declared import Content, DeclaredState

Keys = tuple[str, ...]

_ANY = "*"
_REACHES = "reaches the jobs that use it"
_OTHER = "is said to all jobs"
# What a value of the project file decides, by how its path begins; the first that fits.
_EFFECTS: tuple[tuple[Keys, str], ...] = (
    (("environments", _ANY, "limits"), "a limit on what one apply may start, stop and spend"),
    (("environments", _ANY, "variables"), _REACHES),
    (("environments", _ANY, "freeze"), "when nothing is started"),
    (("environments", _ANY, "timezone"), "in which time zone times are meant"),
    (("environments", _ANY, "prices"), "where prices are written"),
    (("environments", _ANY, "notify"), "who is told of what became of an apply"),
    (("environments", _ANY, "view"), "a person's word on whose private jobs are seen"),
    (("environments",), "where its jobs run: in another place all of them are new"),
    (("variables",), _REACHES),
    (("defaults",), _REACHES),
    (("policies",), "which policies hold"),
    (("freeze",), "when nothing is started"),
    (("notify",), "who is told of what became of an apply"),
    (("timezone",), "in which time zone times are meant"),
    (("planPolicies",), "which policies hold for plans"),
    (("rules",), "how findings are weighed"),
    (("manifests",), "which files are manifests"),
    (("metadata",), "whose the runs are"),
    (("identity",), "how runs are told from those of others"),
    (("defaultEnvironment",), "what is meant where no environment is named"),
    (("prices",), "where prices are written"),
    (("provenance",), "whether runs say what they were started from"),
)
_BY_ROLE = {
    Role.POLICY: "what every manifest must satisfy",
    Role.VARIABLES: _REACHES,
    Role.CLAIMS: "whose a run is",
    Role.PRICES: "what plans say that runs cost",
}
GOVERNING = frozenset({Role.PROJECT, Role.POLICY, Role.VARIABLES, Role.CLAIMS, Role.PRICES})


@dataclass(frozen=True, slots=True)
class TwoStates:
    """Two states, and the files in which they differ."""

    before: DeclaredState
    after: DeclaredState
    changed: Mapping[str, FileChange]

    def role(self, file: str) -> Role:
        content = self.after.contents.get(file) or self.before.contents[file]
        return content.role


def two_states(before: DeclaredState, after: DeclaredState) -> TwoStates:
    old, new = before.contents, after.contents
    changed: dict[str, FileChange] = {}
    for file in sorted({*old, *new}):
        if file not in old:
            changed[file] = FileChange.ADDED
        elif file not in new:
            changed[file] = FileChange.REMOVED
        elif old[file].digest != new[file].digest:
            changed[file] = FileChange.CHANGED
    return TwoStates(before, after, changed)


def settings_diffs(states: TwoStates) -> Iterator[SettingsDiff]:
    """What differs in each file that governs all jobs, and says something else now."""
    hidden = states.before.hidden | states.after.hidden
    for file, change in states.changed.items():
        role = states.role(file)
        old, new = _value(states.before.contents, file), _value(states.after.contents, file)
        if role in GOVERNING and (old != new or change is not FileChange.CHANGED):
            fields = tuple(_changes(old, new, role, hidden)) if change is FileChange.CHANGED else ()
            yield SettingsDiff(file, role, change, fields)


def _value(contents: Mapping[str, Content], file: str) -> Any:
    content = contents.get(file)
    return content.value if content else None


def _changes(old: Any, new: Any, role: Role, hidden: Collection[str]) -> Iterator[ValueChange]:
    if not isinstance(old, dict) or not isinstance(new, dict):
        return  # one of them can't be read, which its findings say
    for one in mismatches(old, new):
        _, shown = paths_of(one.keys)
        left, right = masked_pair(one.live, one.desired, _judged(one.keys, role), secret_texts=hidden)
        yield ValueChange(without_secrets(shown), left, right, effect_of_setting(one.keys, role))


def effect_of_setting(keys: Keys, role: Role) -> str:
    if role is not Role.PROJECT:
        return _BY_ROLE[role]
    return next((text for begins, text in _EFFECTS if _begins(keys, begins)), _OTHER)


def _begins(keys: Keys, begins: Keys) -> bool:
    return len(keys) >= len(begins) and all(
        wanted in {_ANY, key} for wanted, key in zip(begins, keys, strict=False)
    )


def _judged(keys: Keys, role: Role) -> str:
    """The path by which a value is judged a secret: of a variable it is the name alone."""
    match keys:
        case ("variables", name, *_) | ("environments", _, "variables", name, *_):
            return f"Envs.{name}"
        case ("defaults", "spec", *below):
            return ".".join(below)
        case (name, *_) if role is Role.VARIABLES:
            return f"Envs.{name}"
    return ".".join(keys)
