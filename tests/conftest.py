"""The emulator's keys where the SDK's credential chain looks: it reads the environment when imported.

The key that seals states of the emulator is in a folder of its own, not in the home of who runs the tests.
Nothing depends on the repository that the tests lie in, or on who runs them: git looks no further up.
"""

import gc
import os
import sys
import tempfile
import threading
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest
from hypothesis import settings

import dlcapply

_USERS_STATE = tempfile.TemporaryDirectory(prefix="dlcapply-tests-")
os.environ["XDG_STATE_HOME"] = _USERS_STATE.name

os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"] = "dlcapply-emulator"
os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"] = "not-a-secret"
# Each chain that may ask an instance's metadata starts a thread that renews what it got, and never ends.
os.environ["ALIBABA_CLOUD_ECS_METADATA_DISABLED"] = "true"
# The SDK reads the certificates of all public authorities for each address that it asks, which takes longer
# than most tests; who asks a host of the internet finds them where they were.
os.environ.setdefault("DLCAPPLY_TESTS_SSL_CERT_FILE", os.environ.get("SSL_CERT_FILE", ""))
os.environ["SSL_CERT_FILE"] = os.devnull
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
COLORS = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE")
RUNNERS = ("GITHUB_ACTIONS", "GITHUB_SHA", "TF_BUILD", "TEAMCITY_VERSION")
for name in (*PROXIES, *COLORS, *RUNNERS):
    os.environ.pop(name, None)
# Hundreds of processes would each compile what they import.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# A machine that is busy makes any example late; long runs are made by hand, with --hypothesis-seed.
settings.register_profile("unhurried", deadline=None, max_examples=20)
settings.load_profile("unhurried")
# Thousands of tests are alive at once: to look for cycles among them takes a good part of the time.
gc.set_threshold(50_000, 20, 50)
_TEMPORARY = Path(tempfile.gettempdir())
_CHECKOUT = Path(__file__).resolve().parent.parent
CEILINGS = os.pathsep.join(str(folder) for folder in (_TEMPORARY, _TEMPORARY.resolve(), _CHECKOUT))
os.environ |= {
    "GIT_CEILING_DIRECTORIES": CEILINGS,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}

# Most tests give commands an empty environment, in which git would look on above the temporary folder.
if above := [folder for folder in (_TEMPORARY, *_TEMPORARY.parents) if (folder / ".git").exists()]:
    raise RuntimeError(f"{above[0]} is a repository: set TMPDIR to a folder outside of any")


def pytest_collection_finish(session):
    """Where coverage is counted, every module is read by then: sweeps are not watched, and may be first."""
    if session.config.pluginmanager.hasplugin("_cov"):
        for module in walk_packages(dlcapply.__path__, "dlcapply."):
            import_module(module.name)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """What counts as covered was meant to be: a sweep meets lines by luck, and is twice as slow when watched.

    The marker of pytest-cov stops one of its two collectors where tests run in several processes.
    """
    if not any(map(item.get_closest_marker, ("sweep", "hypothesis"))):
        return (yield)
    own, threads = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(own)
        threading.settrace(threads)


@pytest.fixture(autouse=True)
def no_connection_stays():
    """The SDK keeps a session, with its connection, for each address that it ever asked: here one a test."""
    yield
    if core := sys.modules.get("darabonba.core"):
        sessions = core.DaraCore._sessions
        for session in sessions.values():
            session.close()
        sessions.clear()
