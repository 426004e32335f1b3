"""What each rule is about: one page a rule, in the Markdown files beside this one.

A page is a title, a text and, where one file can show it, two examples: parts of a manifest or of
dlcapply.yaml.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dlcapply.manifest.rules.levels import POLICY_PREFIX, default_level, is_changeable, is_policy
from dlcapply.model.findings import Level

if TYPE_CHECKING:
    from collections.abc import Mapping

ANY_POLICY = f"{POLICY_PREFIX}*"

_PAGES = Path(__file__).parent
_POLICY_PAGE = "policy"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a rule finds, why it matters, and what to write instead.

    `summary` is one line, `text` Markdown; `bad` and `good` are YAML, or empty.
    """

    rule: str
    level: Level
    summary: str
    text: str
    bad: str
    good: str

    @property
    def standing(self) -> str:
        """The rule's level, and who may change it."""
        if not is_changeable(self.rule):
            return "always an error"
        can_waive = self.level is Level.WARNING or self.rule == ANY_POLICY
        waiver = ", a manifest can waive it" if can_waive else ""
        return f"{self.level}; a project can set another level{waiver}"


def explanation_of(rule: str) -> Explanation | None:
    """The explanation of a rule, or of policies in general for one of a project's own."""
    return EXPLANATIONS.get(ANY_POLICY if is_policy(rule) else rule)


def _explanation(page: Path) -> Explanation:
    rule = ANY_POLICY if page.stem == _POLICY_PAGE else page.stem
    title, _, rest = page.read_text("utf-8").partition("\n\n")
    rest, _, good = rest.partition("\nGood:\n\n")
    text, _, bad = rest.partition("\nBad:\n\n")
    summary = title.removeprefix("# ")
    return Explanation(rule, default_level(rule), summary, text.strip(), _code(bad), _code(good))


def _code(block: str) -> str:
    return block.strip().removeprefix("```yaml\n").removesuffix("```")


# By the rule's id, sorted; `policy:*` stands for the project's own policies.
EXPLANATIONS: Mapping[str, Explanation] = {
    known.rule: known
    for known in sorted(map(_explanation, _PAGES.glob("*.md")), key=lambda known: known.rule)
}
