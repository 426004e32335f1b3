"""Where secrets stand in a job: the one table of the fields, sections and pairs that hold them.

It is about PAI's own keys (CreateJob) and those of a manifest; which other names say secret is in names.py.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")


class Holds(Enum):
    """What stands below a key, and so how a value there is judged."""

    NOTHING = auto()
    VARIABLES = auto()  # a map of names and values: each name tells what its value is
    PAIRS = auto()  # a list of maps, each with a name and a value: a path tells nothing of the name
    CREDENTIALS = auto()  # secrets, and what belongs to them: a user, a registry, the name of a role
    SOURCES = auto()  # names of secrets alone, which are written elsewhere


SECTIONS = {
    "Envs": Holds.VARIABLES,
    "CustomEnvs": Holds.PAIRS,
    "Env": Holds.PAIRS,  # of a container
    "ImageConfig": Holds.CREDENTIALS,
    "CredentialConfig": Holds.CREDENTIALS,
    "envFrom": Holds.SOURCES,
}
_BY_FOLDED = {key.casefold(): held for key, held in SECTIONS.items()}

# Fields that are secrets themselves, by the last two steps of their path. RayRedisPassword: the console's
# commands.
SECRET_FIELDS = frozenset(
    {"ImageConfig.Password", "ImageConfig.Auth", "AssumeUserInfo.SecurityToken"}
    | {"AdvancedSettings.RayRedisPassword"}
)
# Fields with names like those of secrets, whose values are not secret.
HARMLESS_FIELDS = frozenset(
    {"Key", "AliyunEnvRoleKey", "AccessKeyId"}
    | {"CredentialConfig", "CredentialConfigItems", "EnableCredentialInject"}
)
# What the name of a pair may stand under: in CustomEnvs, and in Env of a container.
_PAIR_NAMES = ("Key", "Name")


def held_by(key: str) -> Holds:
    """What stands below the key, in whatever case it is written."""
    return _BY_FOLDED.get(key.casefold(), Holds.NOTHING)


def is_secret_field(path: str) -> bool:
    """Whether PAI takes a secret there; `path` as the field table spells it."""
    return ".".join(path.replace("[]", "").split(".")[-2:]) in SECRET_FIELDS


def pair_name(pair: Mapping[str, T]) -> T | None:
    """The name that stands beside the `Value` of a pair, or None."""
    return next((name for key in _PAIR_NAMES if (name := pair.get(key))), None)
