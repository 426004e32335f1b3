"""The job templates in the state."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from dlcapply.emulator.state.encryption import Sealed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dlcapply.emulator.state.database import Database


@dataclass(frozen=True, slots=True)
class Version:
    """What a template held from `created` on; `constraints` are by path in `content`."""

    number: int
    content: Mapping[str, Any]
    constraints: Mapping[str, str]
    created: float
    user_id: str


@dataclass(frozen=True, slots=True)
class Template:
    """A template and its versions, the oldest first; `metadata` is a map of texts."""

    template_id: str
    workspace_id: str
    user_id: str
    name: str
    created: float
    modified: float
    modified_by: str
    default_version: int
    versions: tuple[Version, ...]
    description: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    last_used: float | None = None

    def version(self, number: int) -> Version | None:
        return next((one for one in self.versions if one.number == number), None)


class TemplateTable:
    """The templates of a state; to be used within a transaction."""

    def __init__(self, database: Database) -> None:
        self._connection = database.connection
        self._seal = database.seal

    def next_id(self) -> str:
        row = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'templates'").fetchone()
        digest = hashlib.sha256(f"template {row[0] + 1 if row else 1}".encode()).hexdigest()
        return f"tpl{digest[:16]}"

    def add(self, template: Template) -> None:
        values = (*self._columns(template), template.template_id)
        self._connection.execute(
            "INSERT INTO templates (document, sealed, template_id) VALUES (?, ?, ?)", values
        )

    def replace(self, template: Template) -> None:
        values = (*self._columns(template), template.template_id)
        self._connection.execute(
            "UPDATE templates SET document = ?, sealed = ? WHERE template_id = ?", values
        )

    def remove(self, template_id: str) -> None:
        self._connection.execute("DELETE FROM templates WHERE template_id = ?", (template_id,))

    def find(self, template_id: str) -> Template | None:
        return next((one for one in self.all() if one.template_id == template_id), None)

    def all(self) -> Iterator[Template]:
        rows = self._connection.execute(
            "SELECT document, sealed, template_id FROM templates ORDER BY seq"
        ).fetchall()
        return (
            _template(self._seal.open(Sealed(json.loads(document), sealed), template_id))
            for document, sealed, template_id in rows
        )

    def _columns(self, template: Template) -> tuple[str, bytes | None]:
        document, sealed = self._seal.close(asdict(template), template.template_id)
        return json.dumps(document), sealed


def _template(document: dict[str, Any]) -> Template:
    versions = tuple(Version(**version) for version in document.pop("versions"))
    return Template(**document, versions=versions)
