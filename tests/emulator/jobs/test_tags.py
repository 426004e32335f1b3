"""TagResources and UntagResources; tokens and terminals."""

import pytest
from alibabacloud_pai_dlc20201203 import models
from alibabacloud_tea_openapi.exceptions import ClientException

from dlcapply.emulator import Clock, Emulator, Switches


@pytest.fixture
def job_id(call, a_body):
    return call.create(**a_body(Settings={"Tags": {"own": "1"}}))


def tag(call, *ids, **tags):
    pairs = [models.TagResourcesRequestTag(key=key, value=value) for key, value in tags.items()]
    request = models.TagResourcesRequest(
        region_id="cn-hangzhou", resource_type="Job", resource_id=list(ids), tag=pairs
    )
    return call.sdk.tag_resources(request).body


def untag(call, *ids, keys=None, every=None):
    request = models.UntagResourcesRequest(
        resource_type="Job", resource_id=list(ids), tag_key=keys, all=every
    )
    return call.sdk.untag_resources(request).body


def resource_tags(connect, **switches):
    """How many jobs the filter finds by a tag of Settings, and by one of TagResources; and what is shown."""
    with Emulator(clock=Clock.still(), switches=Switches(**switches)) as emulator:
        (job_id,) = emulator.seed({"Settings": {"Tags": {"own": "1"}}})
        call = connect(emulator)
        tag(call, job_id, later="2")
        found = [call.list(Tags=tags)["TotalCount"] for tags in ('{"own":"1"}', '{"later":"2"}')]
        return found, call.get(job_id)["Settings"]["Tags"]


@pytest.mark.parametrize(
    ("switches", "found", "shown"),
    [
        ({}, [1, 0], {"own": "1"}),
        ({"tags_filter": "resources"}, [0, 1], {"own": "1"}),
        ({"tags_filter": "both", "show_resource_tags": True}, [1, 1], {"own": "1", "later": "2"}),
    ],
)
def test_where_later_tags_show_is_a_switch(connect, switches, found, shown):
    assert resource_tags(connect, **switches) == (found, shown)


def test_tags_are_taken_away_one_by_one_or_all(connect):
    with Emulator(clock=Clock.still(), switches=Switches(show_resource_tags=True)) as emulator:
        (job_id,) = emulator.seed({"Settings": {"Tags": {"own": "1"}}})
        call = connect(emulator)
        tag(call, job_id, a="1", b="2", c="3")
        untag(call, job_id, keys=["a"])
        assert call.get(job_id)["Settings"]["Tags"] == {"own": "1", "b": "2", "c": "3"}
        untag(call, job_id, every=True)
        assert call.get(job_id)["Settings"]["Tags"] == {"own": "1"}


@pytest.mark.parametrize(
    "change",
    [
        {"ResourceType": "Model"},
        {"ResourceId": []},
        {"ResourceId": ["x"] * 51},
        {"ResourceId": "x"},
        {"ResourceId": [1]},
        {"Tag": [{"Key": f"k{number}", "Value": "v"} for number in range(21)]},
        {"Tag": [{"Key": "aliyun-x", "Value": "v"}]},
        {"Tag": [{"Key": "acs:x", "Value": "v"}]},
        {"Tag": [{"Key": "see http://x", "Value": "v"}]},
        {"Tag": [{"Key": "k" * 129, "Value": "v"}]},
        {"Tag": [{"Value": "v"}]},
        {"Tag": ["k"]},
    ],
)
def test_tags_that_are_refused(call, job_id, refusal, change):
    body = {"RegionId": "x", "ResourceType": "Job", "ResourceId": [job_id], "Tag": [], **change}
    with pytest.raises(ClientException) as error:
        call("POST", "/tags", body)

    assert refusal(error) == (400, "InvalidParameter")


def test_one_job_of_another_leaves_all_untagged(emulator, call, colleague, a_body, refusal):
    own = colleague.create(**a_body())
    foreign = call.create(**a_body(Accessibility="PUBLIC"))
    with pytest.raises(ClientException) as error:
        tag(colleague, own, foreign, a="1")

    assert refusal(error) == (403, "NoPermission")
    emulator.configure(switches=Switches(show_resource_tags=True, check_references=False))
    assert "Settings" not in colleague.get(own)


def test_what_is_no_array_is_refused(call, job_id, refusal):
    for query in ({"ResourceId": "x"}, {"ResourceId": f'["{job_id}"]', "TagKey": "{"}):
        with pytest.raises(ClientException) as error:
            call("DELETE", "/tags", ResourceType="Job", **query)
        assert refusal(error) == (400, "InvalidParameter")


def test_tokens_are_opaque_and_their_own(call, job_id, refusal):
    ask = lambda seconds: call.sdk.get_token(  # noqa: E731
        models.GetTokenRequest(target_type="job", target_id=job_id, expire_time=seconds)
    )

    assert len({ask(60).body.token, ask(60).body.token, ask(0).body.token}) == 2
    for query in (
        {"ExpireTime": -1},
        {"ExpireTime": 604_801},
        {"TargetType": "service"},
        {"TargetId": ""},
        {"TokenSettings": '{"EnableLogDownloadJob": "perhaps"}'},
    ):
        with pytest.raises(ClientException) as error:
            call("GET", "/tokens", **{"TargetType": "job", "TargetId": job_id, **query})
        assert refusal(error) == (400, "InvalidParameter")
    with pytest.raises(ClientException, match="Tensorboard"):
        call("GET", "/tokens", TargetType="tensorboard", TargetId=job_id)


@pytest.mark.parametrize(
    ("path", "query"),
    [("metrics", {"MetricType": "CpuCoreUsage"}), ("sanitycheckresult", {"SanityCheckNumber": 1})],
)
def test_a_token_opens_what_it_is_for_as_long_as_it_lives(emulator, call, colleague, refusal, path, query):
    checked = {"Settings": {"EnableSanityCheck": True}}
    mine, other = emulator.seed({"DisplayName": "a", **checked}, {"DisplayName": "b", **checked})
    emulator.turn(3)
    token = call("GET", "/tokens", TargetType="job", TargetId=mine, ExpireTime=60)["Token"]
    with pytest.raises(ClientException) as error:
        colleague("GET", f"/jobs/{mine}/{path}", **query)
    assert refusal(error) == (404, "NotFound")

    assert colleague("GET", f"/jobs/{mine}/{path}", Token=token, **query)["JobId"] == mine
    ends, _, mac = token.partition("-")
    for job_id, asked in (
        (other, token),
        (mine, "0"),
        (mine, f"f{ends}-{mac}"),
        (mine, f"{ends}-{mac[::-1]}"),
    ):
        with pytest.raises(ClientException) as error:
            colleague("GET", f"/jobs/{job_id}/{path}", Token=asked, **query)
        assert refusal(error) == (403, "NoPermission")
    emulator.turn(60)
    with pytest.raises(ClientException) as error:
        colleague("GET", f"/jobs/{mine}/{path}", Token=token, **query)
    assert refusal(error) == (403, "NoPermission")


def test_a_terminal_needs_a_running_job(emulator, call, job_id, refusal):
    path = f"/jobs/{job_id}/pods/{job_id}-master-0/webterminal"
    with pytest.raises(ClientException, match="because the job is Creating") as error:
        call("GET", path)
    assert refusal(error) == (400, "BadRequest")

    emulator.turn(4)
    url = call.sdk.get_web_terminal(job_id, f"{job_id}-master-0", models.GetWebTerminalRequest()).body
    assert url.web_terminal_url.startswith(f"wss://{emulator.endpoint}/terminal/{job_id}-master-0?token=")
    with pytest.raises(ClientException) as error:
        call("GET", path.replace("master-0", "worker-9"))
    assert refusal(error) == (404, "NotFound")
