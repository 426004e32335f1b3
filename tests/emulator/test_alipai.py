"""A client that nobody here wrote: Alibaba's own alipai, which signs in the older way."""

import re
from pathlib import Path

import pytest

from dlcapply.emulator import KEY_ID, SECRET

pytest.importorskip("pai.api.job", reason="alipai, a dev dependency, is not installed here")

from alibabacloud_tea_openapi.models import Config
from pai.api.code_source import CodeSourceAPI
from pai.api.dataset import DatasetAPI
from pai.api.image import ImageAPI
from pai.api.job import JobAPI
from pai.api.workspace import WorkspaceAPI
from pai.libs.alibabacloud_aiworkspace20210204.client import Client as WorkspaceClient
from pai.libs.alibabacloud_pai_dlc20201203.client import Client
from pai.session import get_default_session
from Tea.exceptions import TeaException


@pytest.fixture
def connect(emulator):
    """A client of alipai's own, made as its factory makes it, but for the address."""

    def make(client, secret=SECRET):
        config = Config(
            access_key_id=KEY_ID,
            access_key_secret=secret,
            endpoint=emulator.endpoint,
            protocol="http",
            signature_algorithm="v2",
        )
        return client(config)

    return make


@pytest.fixture
def jobs(connect):
    return JobAPI(workspace_id="1001", acs_client=connect(Client))


def test_alipai_lists_gets_and_stops_jobs(emulator, jobs):
    first, second = emulator.seed({"DisplayName": "alpha"}, {"DisplayName": "beta"})
    emulator.turn(4)
    page = jobs.list(display_name="alph", sort_by="GmtCreateTime", order="desc")
    assert ([job["JobId"] for job in page.items], page.total_count) == ([first], 1)
    assert jobs.get(second)["Status"] == "Running"

    jobs.stop(second)
    emulator.turn(2)
    assert jobs.get(second)["Status"] == "Stopped"
    assert jobs.list(status="Stopped").total_count == 1
    with pytest.raises(TeaException, match="because it is Stopped"):
        jobs.stop(second)


def test_alipai_reads_events_and_logs_and_deletes(emulator, jobs):
    (job_id,) = emulator.seed({"DisplayName": "alpha"})
    emulator.turn(100)

    assert jobs.list_events(job_id)[-1].endswith("Job is succeeded.")
    assert jobs.list_logs(job_id, f"{job_id}-master-0")[-1].endswith("everything is saved.")
    jobs.delete(job_id)
    assert jobs.list().total_count == 0


def test_alipai_meets_the_refused_sorting_of_instance_types(jobs):
    with pytest.raises(TeaException, match="SortBy is not supported"):
        jobs.list_ecs_specs()


def test_alipai_reads_the_catalogue(connect):
    client = connect(WorkspaceClient)
    workspaces = WorkspaceAPI(acs_client=client)
    datasets = DatasetAPI(workspace_id="1001", acs_client=client)

    assert workspaces.get(workspace_id="1002")["WorkspaceName"] == "production"
    assert datasets.list(name="imagenet").total_count == 1
    assert ImageAPI(workspace_id="1001", acs_client=client).list(name="vision").total_count == 1
    assert CodeSourceAPI(workspace_id="1001", acs_client=client).list(display_name="imaging").total_count == 1


def test_the_older_signature_is_checked(connect, emulator):
    emulator.seed({"DisplayName": "alpha"})
    with pytest.raises(TeaException, match="SignatureDoesNotMatch"):
        JobAPI(workspace_id="1001", acs_client=connect(Client, secret="other")).list()


def test_alipais_default_session_works_as_the_manual_says(emulator, capsys):
    page = (Path(__file__).parents[2] / "docs/emulator.md").read_text("utf-8")
    code = next(
        text for text in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "setup_default" in text
    )
    emulator.seed({"DisplayName": "alpha"})
    exec(code.replace("127.0.0.1:8080", emulator.endpoint), {})  # noqa: S102 - the manual's own
    assert capsys.readouterr().out == "['alpha']\n"

    session = get_default_session()
    assert session.workspace_name == "research"
    assert session.image_api.list().total_count == 1
    assert session.dataset_api.list().total_count == 5
    assert session.code_source_api.list().total_count == 4
    assert (emulator.unknown_routes, emulator.errors) == ((), ())
