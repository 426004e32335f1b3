"""What may become of the plan of a merged pull request, where approvals are looked for."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    TAKEN = "taken"
    EXPIRED = "expired"
    MISSING = "missing"
    REFUSED = "refused"
    NOT_NEEDED = "not-needed"

    @property
    def words(self) -> str:
        return self.replace("-", " ")
