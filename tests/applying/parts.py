"""Jobs and stand-ins for services that several tests of applying use."""

from __future__ import annotations

from tests.builders import a_job


def a_quota_job(name="queued", **changes):
    role = {
        "Type": "Worker",
        "PodCount": 1,
        "Image": "registry/x:1",
        "ResourceConfig": {"CPU": "8", "GPU": "1", "Memory": "64Gi"},
    }
    return a_job(name, **({"ResourceId": "quota1", "Priority": 3, "JobSpecs": [role]} | changes))


class Frozen:
    """Time that does not pass for one of two appliers."""

    def __init__(self, clock):
        self.now = clock.now
        self.monotonic = clock.monotonic

    def sleep(self, seconds):
        pass


class Pausing:
    """A service at one call of which something else happens first."""

    def __init__(self, service, *, before):
        self._service = service
        self._before = before
        self.meanwhile = None

    def __getattr__(self, name):
        if name == self._before:
            self.meanwhile()
        return getattr(self._service, name)
