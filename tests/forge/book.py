"""What reviewers agreed to, and whether that is what there is: nothing in it asks the code under test."""

from __future__ import annotations

import re
from collections import Counter

_CHANGE = re.compile(r"--change (\S+)")
_RUN = re.compile(r"/api/v1/jobs/([^/?]+)")
BEFORE = "0"  # the mark of what was there before all of it


class Book:
    """The runs by the mark that a pull request wrote into the manifest, and what was sent about each run."""

    def __init__(self, emulator):
        self._emulator = emulator
        self._known = len(emulator.writes)
        self.first = {run["DisplayName"]: run["JobId"] for run in emulator.jobs()}
        self.agreed, self.ends = set(), set()

    def agree(self, change):
        """A pull request with this change was merged, and its plan had it."""
        if change.starts:
            self.agreed.add(str(change.number))
        if change.stops:
            self.ends.add(self.first[change.name])

    @property
    def starts(self):
        """How many runs there are of each mark, whatever became of them."""
        marks = (_CHANGE.search(run["UserCommand"])[1] for run in self._emulator.jobs())
        return Counter(mark for mark in marks if mark != BEFORE)

    def sent(self, operation):
        """How often the service was asked for it, by JobId; of CreateJob, by nothing."""
        writes = (one for one in self._emulator.writes[self._known :] if one.operation == operation)
        return Counter(_RUN.match(one.path)[1] if operation != "CreateJob" else "" for one in writes)

    def runs_of(self, name):
        """Those that came since."""
        runs = (run for run in self._emulator.jobs() if run["DisplayName"] == name)
        return [run for run in runs if run["JobId"] != self.first.get(name)]

    def note_of(self, name):
        (run,) = [run for run in self._emulator.jobs() if run["JobId"] == self.first[name]]
        return run["Description"]

    def check(self):
        """Up to now nothing happened twice, and nothing that nobody agreed to."""
        starts = self.starts
        assert set(starts) <= self.agreed, f"nobody agreed to {set(starts) - self.agreed}"
        assert max(starts.values(), default=0) <= 1, f"started twice: {starts}"
        stops = self.sent("StopJob")
        assert set(stops) <= self.ends, f"nobody agreed to stop {set(stops) - self.ends}"
