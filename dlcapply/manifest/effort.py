"""How much work may go into one load, counted in steps: whoever opens a pull request writes its input."""

from __future__ import annotations

# Steps of finding words, of some microseconds each. A manifest in which everything is wrong takes some 2,000.
WORDS_OF_ONE = 20_000
WORDS_OF_ALL = 400_000


class TooMuchEffortError(Exception):
    """What was asked for takes more steps than it may."""


class Effort:
    """The steps that are left: for one thing, begun by `begin`, and for all of them together."""

    def __init__(self, one: int = WORDS_OF_ONE, together: int = WORDS_OF_ALL) -> None:
        self._one = self._left = one
        self.together = together

    @property
    def is_spent(self) -> bool:
        """Whether the last thing took more than it could have."""
        return self._left < 0 or self.together < 0

    def begin(self) -> None:
        """The next thing has all that one may have."""
        self._left = self._one

    def spend(self, steps: int = 1) -> None:
        """The steps are gone; raises TooMuchEffortError where there are not as many."""
        self._left -= steps
        self.together -= steps
        if self.is_spent:
            raise TooMuchEffortError
