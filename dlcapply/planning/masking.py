"""What a plan may show of a value: never a secret, known by its field, its name, its looks or its origin."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dlcapply.secrecy import (
    MASK,
    hides,
    is_ordinary,
    is_secret_field,
    is_secret_name,
    pair_name,
    secrets_in,
    without_secrets,
    words_without_secrets,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from dlcapply.model.jobs import Job

OTHER = "(masked, changed)"
FROM_ENVIRONMENT = "(from the environment)"
_ENVS = "Envs."


def masked(
    value: Any, path: str, *, secret_names: Collection[str] = (), secret_texts: Collection[str] = ()
) -> Any:
    """The value as a plan may show it; `path` as the field table spells it.

    `secret_names` are the variables known to be secret by their origin; `*` among them means all.
    `secret_texts` are secrets wherever they stand.
    """
    return _Masking(secret_names, secret_texts).value(value, path)


def shown_labels(job: Job) -> dict[str, str]:
    """The job's labels as a plan may show them, sorted by key."""
    return {
        key: masked(value, f"Settings.Tags.{key}", secret_texts=job.hidden)
        for key, value in sorted(job.labels.items())
    }


def masked_pair(
    live: Any,
    desired: Any,
    path: str,
    *,
    secret_names: Collection[str] = (),
    secret_texts: Collection[str] = (),
) -> tuple[Any, Any]:
    """Both sides of a difference as a plan may show them.

    Where a text differs in other places too, a desired secret in it that is not the live one gets a mask that
    says so; where nothing else differs, both sides look the same.
    """
    masking = _Masking(secret_names, secret_texts)
    shown_live, shown_desired = masking.value(live, path), masking.value(desired, path)
    are_texts = isinstance(live, str) and isinstance(desired, str)
    if are_texts and shown_live != shown_desired and MASK not in {shown_live, shown_desired}:
        shown_desired = _told_apart(shown_desired, secrets_in(live), secrets_in(desired))
    return shown_live, shown_desired


def _told_apart(shown_desired: str, live: Sequence[str], desired: Sequence[str]) -> str:
    """The text with another mask for each secret that the live text does not have in its place."""
    parts = shown_desired.split(MASK)
    if len(live) != len(desired) or len(parts) != len(desired) + 1:
        return shown_desired
    masks = [MASK if one == other else OTHER for one, other in zip(live, desired, strict=True)]
    return "".join(part + mask for part, mask in zip(parts, [*masks, ""], strict=True))


def secrets_of(value: Any, path: str, *, secret_names: Collection[str] = ()) -> frozenset[str]:
    """The texts that are masked in the value."""
    masking = _Masking(secret_names)
    masking.value(value, path)
    return frozenset(masking.found)


@dataclass(frozen=True, slots=True)
class _Masking:
    """One walk over a value; `found` collects what it hides."""

    secret_names: Collection[str]
    secret_texts: Collection[str] = ()
    found: set[str] = field(default_factory=set)

    def value(self, value: Any, path: str) -> Any:
        if value is None or value == FROM_ENVIRONMENT:
            return value
        if is_secret_field(path) or self._is_named(path, value):
            return self._hidden(value)
        if isinstance(value, str):
            self.found.update(secrets_in(value))
            return without_secrets(self._without_known(value))
        return self._inside(value, path)

    def _inside(self, value: Any, path: str) -> Any:
        match value:
            case dict() | list() if is_secret_name(path.rpartition(".")[2].removesuffix("[]")):
                return self._leaves(value)
            case dict():
                return self._mapping(value, path)
            case list() if value and all(isinstance(item, str) for item in value):
                self.found.update(secrets_in(" ".join(value)))
                return words_without_secrets([self._without_known(item) for item in value])
            case list():
                return [self.value(item, f"{path}[]") for item in value]
            case _:
                return value

    def _without_known(self, text: str) -> str:
        for known in sorted(self.secret_texts, key=len, reverse=True):
            text = text.replace(known, MASK)
        return text

    def _mapping(self, value: dict[str, Any], path: str) -> dict[str, Any]:
        result = {key: self.value(item, f"{path}.{key}") for key, item in value.items()}
        name = pair_name(value)
        if isinstance(name, str) and value.get("Value") is not None and self._hides(name, value["Value"]):
            result["Value"] = self._hidden(value["Value"])
        return result

    def _is_named(self, path: str, value: Any) -> bool:
        if path.startswith(_ENVS):
            return self._hides(path.removeprefix(_ENVS), value)
        return not isinstance(value, (dict, list)) and hides(path.rpartition(".")[2], value)

    def _leaves(self, value: Any) -> Any:
        """A map or list below the name of a secret, without its texts."""
        match value:
            case dict():
                return {key: self._leaves(item) for key, item in value.items()}
            case list():
                return [self._leaves(item) for item in value]
            case str() if not is_ordinary(value):
                return self._hidden(value)
            case _:
                return value

    def _hides(self, name: str, value: Any) -> bool:
        return name in self.secret_names or "*" in self.secret_names or hides(name, value)

    def _hidden(self, value: Any) -> str:
        self.found.update(_texts(value))
        return MASK


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for item in value.values():
                yield from _texts(item)
        case list():
            for item in value:
                yield from _texts(item)
