"""Two repositories whose projects have one name, as the stateful test edits and applies them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from tests.applying.conftest import Bench
from tests.builders import an_environment

HERE, THERE, MOVED = "host/here", "host/there", "host/moved"
# The other repository shares two of the names, and has two of its own.
_ITS_NAMES = {"short-a": "short-c", "queued": "queued-c"}


class Repository:
    """The manifests of a project, the claims among them, and the two machines that apply them."""

    def __init__(self, emulator, folder, origin):
        self._emulator = emulator
        self._folder = folder
        self.is_first = origin == HERE
        self.origin, self.former_origins = origin, ()
        self.jobs, self.versions = {}, defaultdict(list)
        self.claims, self.adopted, self.released = {}, set(), set()
        self.benches = [self._bench(machine) for machine in range(2)]

    def _bench(self, machine):
        bench = Bench(self._emulator, self._folder / str(machine), self._environment)
        bench.service.claims = self.claims
        return bench

    @property
    def _environment(self):
        return an_environment(origin=self.origin, former_origins=self.former_origins)

    def restart(self, machine):
        """The process is gone, and what it noted is not."""
        self.benches[machine] = self._bench(machine)

    def move(self, origin, former_origins):
        self.origin, self.former_origins = origin, former_origins
        self.benches = [self._bench(machine) for machine in range(2)]

    @property
    def declared(self):
        return tuple(replace(job, key=replace(job.key, origin=self.origin)) for job in self.jobs.values())

    def named(self, name):
        """The name, or what this repository has in its place."""
        return name if self.is_first else _ITS_NAMES.get(name, name)

    def pick(self, number):
        return sorted(self.jobs)[number % len(self.jobs)]

    def write(self, name, job):
        self.jobs[name] = job
        self.versions[name].append(job)
        self._leave_no_name_with_two_jobs()

    def rename(self, old, name, *, says_so):
        job = self.jobs.pop(old)
        formerly = tuple(dict.fromkeys(job.names)) if says_so else ()
        self.versions[name] += self.versions[old]
        self.write(name, replace(job, key=replace(job.key, name=name), formerly=formerly))

    def revert(self, name, number):
        job, before = self.jobs[name], self.versions[name]
        older = before[number % len(before)]
        self.write(name, replace(older, key=job.key, formerly=job.formerly))

    def _leave_no_name_with_two_jobs(self):
        """What validate would say of the former names is mended."""
        taken = set(self.jobs)
        for name, job in self.jobs.items():
            self.jobs[name] = replace(job, formerly=tuple(old for old in job.formerly if old not in taken))
            taken.update(job.formerly)
