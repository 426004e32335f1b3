"""Job templates: versions, a default one, and constraints that CreateJob keeps."""

import json

import pytest
from alibabacloud_pai_dlc20201203 import models
from alibabacloud_tea_openapi.exceptions import ClientException

from dlcapply.emulator import Clock, Emulator, Switches


@pytest.fixture
def emulator():
    with Emulator(clock=Clock.still()) as emulator:
        yield emulator


@pytest.fixture
def make(a_body):
    """Creates a template of a whole job; returns its id."""

    def create(call, constraints=None, **content):
        content = a_body(DisplayName="base", **content)
        request = models.CreateJobTemplateRequest(
            template_name="training",
            workspace_id="1001",
            content=json.dumps(content),
            constraints=constraints,
            description="for all",
        )
        return call.sdk.create_job_template(request).body.template_id

    return create


def refused(refusal, ask, words=None):
    with pytest.raises(ClientException, match=words) as error:
        ask()
    return refusal(error)


def test_a_template_and_its_versions(call, make, emulator):
    template_id = make(call)
    emulator.turn(60)
    update = models.UpdateJobTemplateRequest(content='{"Priority": 3}', template_name="other")
    second = call.sdk.update_job_template(template_id, update).body
    whole = call.sdk.get_job_template(template_id, models.GetJobTemplateRequest(version="all")).body

    assert (second.version, second.version_created, second.default_version) == (2, True, 1)
    assert [one.version for one in whole.versions] == [1, 2]
    assert (whole.template_name, whole.description, whole.default_version) == ("other", "for all", 1)
    assert json.loads(whole.versions[1].content) == {"Priority": 3}
    one = call.sdk.get_job_template(template_id, models.GetJobTemplateRequest()).body
    assert [version.version for version in one.versions] == [1]


def test_the_default_version_can_be_another(call, make, refusal):
    template_id = make(call)
    update = models.UpdateJobTemplateRequest(content='{"Priority": 3}', set_as_default=True)
    assert call.sdk.update_job_template(template_id, update).body.default_version == 2

    request = models.SetJobTemplateDefaultVersionRequest(version=1)
    call.sdk.set_job_template_default_version(template_id, request)
    assert call("GET", f"/jobtemplates/{template_id}")["DefaultVersion"] == 1
    path = f"/jobtemplates/{template_id}/defaultversion"
    assert refused(refusal, lambda: call("PUT", path, {"Version": 9})) == (400, "InvalidParameter")


def test_describing_a_template_makes_no_version(call, make):
    template_id = make(call)
    body = call.sdk.update_job_template(template_id, models.UpdateJobTemplateRequest(description="x")).body

    assert (body.version, body.version_created) == (1, False)


def test_templates_are_listed_by_workspace_and_name(call, make):
    first, second = make(call), make(call)
    ask = lambda **query: call("GET", "/jobtemplates", **{"WorkspaceId": "1001", **query})  # noqa: E731

    assert ask(TemplateName="TRAIN")["TotalCount"] == 2
    assert ask(TemplateName="none")["TotalCount"] == 0
    assert ask(WorkspaceId="1002")["TotalCount"] == 0
    assert [row["TemplateId"] for row in ask(TemplateId=second)["JobTemplates"]] == [second]
    assert len(ask(PageSize=1, PageNumber=2, Order="asc")["JobTemplates"]) == 1
    assert first != second


def test_a_deleted_template_is_gone(call, make, refusal):
    template_id = make(call)
    call.sdk.delete_job_template(template_id, models.DeleteJobTemplateRequest())

    assert refused(refusal, lambda: call("GET", f"/jobtemplates/{template_id}")) == (404, "NotFound")
    ask = lambda: call.create(DisplayName="a", TemplateId=template_id)  # noqa: E731
    assert refused(refusal, ask) == (404, "NotFound")


def test_only_the_owner_changes_a_template(call, colleague, make, refusal):
    template_id = make(call)

    assert colleague("GET", f"/jobtemplates/{template_id}")["TemplateId"] == template_id
    for method in ("PUT", "DELETE"):
        ask = lambda method=method: colleague(method, f"/jobtemplates/{template_id}", {})  # noqa: E731
        assert refused(refusal, ask) == (403, "NoPermission")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"Content": "{"},
        {"Content": "[]"},
        {"Content": 1},
        {"Content": "{}", "TemplateName": ""},
        {"Content": "{}", "Constraints": {"$.A": "frozen"}},
        {"Content": "{}", "Constraints": {"$..A": "locked"}},
        {"Content": "{}", "Constraints": []},
    ],
)
def test_what_is_no_template_is_refused(call, refusal, body):
    body = {"TemplateName": "a", "WorkspaceId": "1001", **body}

    assert refused(refusal, lambda: call("POST", "/jobtemplates", body)) == (400, "InvalidParameter")


def test_constraints_come_with_content(call, make, refusal):
    ask = lambda: call("PUT", f"/jobtemplates/{make(call)}", {"Constraints": {"$.A": "locked"}})  # noqa: E731

    assert refused(refusal, ask) == (400, "InvalidParameter")


def test_a_job_takes_what_the_template_holds_and_adds_its_own(call, make):
    template_id = make(call, Envs={"A": "1", "B": "1"}, Priority=3)
    unused = call("GET", f"/jobtemplates/{template_id}")
    job = call.get(call.create(DisplayName="mine", TemplateId=template_id, Envs={"B": "2"}))

    assert (job["DisplayName"], job["Priority"], job["Envs"]) == ("mine", 3, {"A": "1", "B": "2"})
    assert job["UserCommand"] == "python train.py"
    assert "LastUsedTime" not in unused
    assert call("GET", f"/jobtemplates/{template_id}")["LastUsedTime"] == job["GmtCreateTime"]
    assert [row["TemplateName"] for row in call.list()["Jobs"]] == ["training"]


def test_a_job_names_the_version_it_wants(call, make, refusal):
    template_id = make(call, Priority=3)
    content = json.loads(call("GET", f"/jobtemplates/{template_id}")["Versions"][0]["Content"])
    call("PUT", f"/jobtemplates/{template_id}", {"Content": json.dumps({**content, "Priority": 5})})
    priorities = [
        call.get(call.create(TemplateId=template_id, **version))["Priority"]
        for version in ({}, {"TemplateVersion": 2})
    ]

    assert priorities == [3, 5]
    ask = lambda: call.create(TemplateId=template_id, TemplateVersion=9)  # noqa: E731
    assert refused(refusal, ask) == (404, "NotFound")


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("$.UserCommand", {"UserCommand": "rm -rf /"}),
        ("Envs.A", {"Envs": {"A": "2"}}),
        (
            "$.JobSpecs[0].Image",
            {"JobSpecs": [{"Type": "Worker", "PodCount": 1, "Image": "b", "EcsSpec": "ecs.g6.large"}]},
        ),
        (
            "$.JobSpecs[*].EcsSpec",
            {"JobSpecs": [{"Type": "Worker", "PodCount": 2, "Image": "b", "EcsSpec": "ecs.g6.large"}]},
        ),
    ],
)
def test_a_locked_value_is_refused_or_ignored(connect, make, refusal, path, given):
    with Emulator(clock=Clock.still()) as emulator:
        call = connect(emulator)
        template_id = make(call, constraints={path: "locked"}, Envs={"A": "1"})
        ask = lambda: call.create(DisplayName="a", TemplateId=template_id, **given)  # noqa: E731
        assert refused(refusal, ask, "is locked by the template") == (400, "InvalidParameter")
        call.create(DisplayName="a", TemplateId=template_id)
    with Emulator(clock=Clock.still(), switches=Switches(locked_template_keys="ignore")) as emulator:
        call = connect(emulator)
        template_id = make(call, constraints={path: "locked"}, Envs={"A": "1"})
        job = call.get(call.create(DisplayName="a", TemplateId=template_id, **given))
        assert (job["UserCommand"], job["Envs"]) == ("python train.py", {"A": "1"})
        assert job["JobSpecs"][0]["EcsSpec"] == "ecs.gn7i-c8g1.2xlarge" or path == "$.JobSpecs[0].Image"


def test_a_required_value_must_be_given(call, make, refusal):
    template_id = make(call, constraints={"$.Description": "required", "$.Priority": "overridable"})
    ask = lambda: call.create(DisplayName="a", TemplateId=template_id)  # noqa: E731
    assert refused(refusal, ask, "is required by the template") == (400, "InvalidParameter")

    job_id = call.create(DisplayName="a", TemplateId=template_id, Description="mine", Priority=2)
    assert call.get(job_id)["Priority"] == 2
