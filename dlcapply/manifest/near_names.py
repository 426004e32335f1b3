"""Which jobs were probably meant by a word that none is called by, or by a pattern that selects none."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from dlcapply.manifest.did_you_mean import LIKE, LONGEST_WORD, MOST_WORDS, letters, may_be_like
from dlcapply.manifest.selection import is_selected

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_MOST_NAMED = 3
_FEWEST_LETTERS = 2  # one is in nearly every name
_WILD = str.maketrans("", "", "*?[]")
_FILES = (".yaml", ".yml")
_UNSEEN = "see what --select and --exclude match"


def near_names(word: str, known: Iterable[str]) -> list[str]:
    """The names that `word` may stand for, the nearest first.

    Those are names with its letters and digits; then such as begin with it, or hold it, or are most of it;
    then those that are spelled much like it. A manifest's file stands for what it is called.
    """
    names = sorted(set(known))
    folded = {name: letters(name) for name in names}
    wanted = letters(_bare(word))
    if same := [name for name in names if folded[name] == wanted]:
        return same
    ranks = {name: rank for name in names if (rank := _rank(wanted, folded[name])) is not None}
    parts = sorted(ranks, key=lambda name: (ranks[name], len(name), name))
    return [*parts, *(name for name in _spelled_like(_bare(word), names) if name not in ranks)]


def meant_names(word: str, known: Iterable[str]) -> str:
    """A hint with the nearest of the names; nothing where none is near."""
    near = near_names(word, known)
    shown = near[:_MOST_NAMED]
    if more := len(near) - len(shown):
        return f"did you mean {', '.join(shown)} or one of {more:,} more?"
    *most, last = shown or [""]
    return f"did you mean {' or '.join(filter(None, (', '.join(most), last)))}?" if last else ""


def meant_patterns(select: Sequence[str], jobs: Iterable[tuple[str, Mapping[str, str]]]) -> str:
    """A hint for patterns that select none of the jobs, which are names and their labels."""
    known = list(jobs)
    missed = [
        one for one in select if not any(is_selected(name, labels, [one], ()) for name, labels in known)
    ]
    names = [name for name, _ in known]
    pairs = {f"{key}={value}" for _, labels in known for key, value in labels.items()}
    for pattern in missed:
        is_label = "=" in pattern
        meant = _meant_labels(pattern, pairs) if is_label else meant_names(pattern.translate(_WILD), names)
        if meant:
            return f"{pattern}: {meant}" if len(select) > 1 else meant
    return _UNSEEN


def _meant_labels(pattern: str, known: set[str]) -> str:
    key = pattern.partition("=")[0]
    of_key = sorted(one for one in known if one.startswith(f"{key}="))
    if meant := meant_names(pattern, of_key or known):
        return meant
    return f"there are: {', '.join(of_key[:_MOST_NAMED])}" if of_key else ""


def _bare(word: str) -> str:
    """The word, or what the file is called that it is a path to."""
    return word.rpartition("/")[2].rpartition(".")[0] if word.endswith(_FILES) else word


def _rank(wanted: str, name: str) -> int | None:
    """How near the one is to the other by what they share; None where neither holds the other."""
    if len(wanted) < _FEWEST_LETTERS or not name:
        return None
    if name.startswith(wanted):
        return 0
    if wanted in name:
        return 1
    is_most = 2 * len(name) >= len(wanted) and name in wanted
    return 2 if is_most else None


def _spelled_like(word: str, names: Iterable[str]) -> list[str]:
    from difflib import SequenceMatcher, get_close_matches

    if len(word) > LONGEST_WORD:
        return []
    folded = {name.casefold(): name for name in names if may_be_like(word, name)}
    near = list(islice(folded, MOST_WORDS))
    word = word.casefold()
    found = get_close_matches(word, near, n=_MOST_NAMED, cutoff=LIKE)
    alike = {name: SequenceMatcher(None, name, word).ratio() for name in found}
    return [folded[name] for name in sorted(found, key=lambda name: (-alike[name], name))]
