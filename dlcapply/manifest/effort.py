"""How much work may go into the errors of one load: whoever opens a pull request writes its input.

It is counted in steps, since a clock would make findings depend on the machine.
"""

from __future__ import annotations

# Steps of looking for errors, of some microseconds each. A manifest in which everything is wrong takes 2,000.
WORDS_OF_ONE = 20_000
WORDS_OF_ALL = 400_000


class TooMuchEffortError(Exception):
    """The work takes more steps than it may."""


class Effort:
    """The steps that are left: for the manifest that `begin` began, and for all manifests together."""

    def __init__(self, one: int = WORDS_OF_ONE, together: int = WORDS_OF_ALL) -> None:
        self._one = self._left = one
        self.together = together

    @property
    def is_spent(self) -> bool:
        """Whether the last manifest took more than it may."""
        return self._left < 0 or self.together < 0

    def begin(self) -> None:
        """The next manifest has all the steps that one may take."""
        self._left = self._one

    def spend(self, steps: int = 1) -> None:
        """The steps are used up; raises TooMuchEffortError where fewer are left."""
        self._left -= steps
        self.together -= steps
        if self.is_spent:
            raise TooMuchEffortError
