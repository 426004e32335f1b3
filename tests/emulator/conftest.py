"""An emulator whose clock stands still, and the real SDKs talking to it."""

from datetime import UTC, datetime

import pytest
from alibabacloud_aiworkspace20210204.client import Client as WorkspaceClient
from alibabacloud_pai_dlc20201203.client import Client
from alibabacloud_tea_openapi.utils import Utils
from alibabacloud_tea_openapi.utils_models import Config, OpenApiRequest, Params
from darabonba.runtime import RuntimeOptions

from dlcapply.emulator import KEY_ID, SECRET, Clock, Emulator, Switches

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
_WORKSPACE_PATHS = ("/workspaces", "/defaultWorkspaces", "/images", "/image/", "/datasets", "/codesources")
COLLEAGUE = f"{KEY_ID}-colleague"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def emulator():
    with Emulator(clock=Clock.still(START), switches=Switches(check_references=False)) as emulator:
        yield emulator


class Caller:
    """Raw answers of both products, by way of the SDK."""

    def __init__(self, emulator, key_id=KEY_ID, secret=SECRET, **config):
        address = {"endpoint": emulator.endpoint, "protocol": "http"}
        self._config = Config(access_key_id=key_id, access_key_secret=secret, **address, **config)
        self.sdk = Client(self._config)
        self.workspaces = WorkspaceClient(self._config)

    def __call__(self, method, path, body=None, version=None, **query):
        params = Params(
            action="Any",
            version=version or ("2021-02-04" if path.startswith(_WORKSPACE_PATHS) else "2020-12-03"),
            protocol="HTTP",
            pathname=f"/api/v1{path}",
            method=method,
            auth_type="AK",
            style="ROA",
            req_body_type="json",
            body_type="json",
        )
        request = OpenApiRequest(headers={}, query=Utils.query(query), body=body)
        return self.sdk.call_api(params, request, RuntimeOptions())["body"]

    def create(self, **body):
        return self("POST", "/jobs", body)["JobId"]

    def get(self, job_id):
        return self("GET", f"/jobs/{job_id}")

    def list(self, **query):
        return self("GET", "/jobs", **query)

    def names(self, **query):
        return [job["DisplayName"] for job in self.list(**query)["Jobs"]]


@pytest.fixture
def connect():
    return Caller


@pytest.fixture
def call(emulator):
    return Caller(emulator)


@pytest.fixture
def colleague(emulator):
    return Caller(emulator, COLLEAGUE)


@pytest.fixture
def a_body():
    """A CreateJob body that the service takes; with keys replaced, and without those that are None."""

    def make(**changes):
        body = {
            "DisplayName": "resnet",
            "JobType": "PyTorchJob",
            "UserCommand": "python train.py",
            "WorkspaceId": "1001",
            "JobSpecs": [
                {"Type": "Worker", "PodCount": 2, "Image": "registry/a:1", "EcsSpec": "ecs.gn7i-c8g1.2xlarge"}
            ],
            **changes,
        }
        return {key: value for key, value in body.items() if value is not None}

    return make


@pytest.fixture
def refusal():
    """(HTTP status, code) of the SDK's exception."""

    def read(error):
        return error.value.status_code, error.value.code

    return read
