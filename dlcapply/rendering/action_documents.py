"""The JSON documents of the commands that act on runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.rendering.json_documents import FORMAT_VERSION, Document, where_document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlcapply.model.plans import Change
    from dlcapply.rendering.report_rows import NewToken, Where


def rerun_document(
    where: Where, tokens: Sequence[NewToken], changes: Sequence[Change] | None, *, written: bool
) -> Document:
    """The new tokens, and what a plan says of their jobs now; None where nobody asked PAI."""
    return {
        "format_version": FORMAT_VERSION,
        "environment": where_document(where),
        "written": written,
        "tokens": [
            {
                "name": token.name,
                "file": token.file,
                "before": token.before,
                "after": token.after,
                "overrides": token.overrides,
            }
            for token in tokens
        ],
        "changes": None if changes is None else [_change(change) for change in changes],
    }


def _change(change: Change) -> Document:
    spend = change.spend
    return {
        "name": change.name,
        "action": change.action.value,
        "reason": {"code": change.reason.code, "text": change.reason.text},
        "accelerator_hours": spend.hours if spend else None,
    }
