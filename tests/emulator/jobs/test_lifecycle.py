"""A job's status follows from its body and the clock."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.emulator import Clock, Emulator, Lifecycle, Switches, Workspace
from dlcapply.emulator.clock import wire_time
from dlcapply.emulator.jobs.lifecycle import Move, exit_code, moves_until, pinned_moves
from dlcapply.emulator.jobs.schedule import plan_moves
from dlcapply.emulator.world.world import World


def plan(body, lifecycle=None, **world):
    spec = {"Type": "Worker", "PodCount": 1, "EcsSpec": "ecs.gn7i-c8g1.2xlarge", "Image": "registry/a:1"}
    body = {"DisplayName": "a", "WorkspaceId": "1001", "JobSpecs": [spec], "UserCommand": "", **body}
    return plan_moves(body, 0, World(users={}, lifecycle=lifecycle or Lifecycle(), **world))


def way(body, lifecycle=None, **world):
    return [(move.at, move.status) for move in plan(body, lifecycle, **world)]


def test_a_job_succeeds():
    assert way({}) == [(0, "Creating"), (1, "Queuing"), (2, "EnvPreparing"), (3, "Running"), (6, "Succeeded")]


def test_a_sanity_check_comes_before_running():
    checked = way({"Settings": {"EnableSanityCheck": True}})

    assert checked[2:5] == [(2, "EnvPreparing"), (3, "SanityChecking"), (4, "Running")]


def test_a_command_that_exits_with_an_error_fails():
    last = plan({"UserCommand": "python a.py && exit 137"})[-1]

    assert (last.status, last.code, last.message) == (
        "Failed",
        "JobFailed",
        "Container exited with code 137: killed, or out of memory.",
    )


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("exit 3", 3),
        ("python a.py\nexit 1\n", 1),
        ("a; exit 2;", 2),
        ("a || exit 4", 4),
        ("exit 0", 0),
        ("exit 1; python a.py", 0),
        ("echo exit 1", 0),
        ("", 0),
    ],
)
def test_the_last_command_decides(command, code):
    assert exit_code(command) == code


def test_the_maximum_running_time_stops_a_job():
    moves = plan({"JobMaxRunningTimeMinutes": 2}, Lifecycle(running=121))

    assert [(move.at, move.status) for move in moves[-2:]] == [(123, "Stopping"), (125, "Stopped")]
    assert moves[-1].code == "JobMaxRunningTimeExceeded"


def test_a_job_that_ends_in_time_is_not_stopped():
    assert way({"JobMaxRunningTimeMinutes": 2}, Lifecycle(running=120))[-1] == (123, "Succeeded")


@pytest.mark.parametrize(
    ("command", "policy", "statuses"),
    [
        ("a", None, ["SucceededReserving", "Succeeded"]),
        ("a", "OnSucceed", ["SucceededReserving", "Succeeded"]),
        ("a", "OnFailure", ["Running", "Succeeded"]),
        ("exit 1", "OnFailure", ["FailedReserving", "Failed"]),
        ("exit 1", "OnSucceed", ["Running", "Failed"]),
    ],
)
def test_reserved_minutes_hold_the_resources(command, policy, statuses):
    settings = {"JobReservedMinutes": 5} | ({"JobReservedPolicy": policy} if policy else {})
    moves = way({"UserCommand": command, "Settings": settings})

    assert [status for _, status in moves[-2:]] == statuses
    assert moves[-1][0] == 6 + (300 if "Reserving" in statuses[0] else 0)


AIMASTER = {"EnableErrorMonitoringInAIMaster": True}


@pytest.mark.parametrize(
    ("settings", "count"),
    [
        ({**AIMASTER, "ErrorMonitoringArgs": "--enable-job-restart=True --max-num-of-job-restart=2"}, 2),
        ({**AIMASTER, "ErrorMonitoringArgs": "--enable-job-restart true"}, 3),
        ({**AIMASTER, "ErrorMonitoringArgs": "--max-num-of-job-restart=2"}, 0),
        ({"ErrorMonitoringArgs": "--enable-job-restart=True"}, 0),
        ({}, 0),
    ],
)
def test_aimaster_starts_a_failed_job_again(settings, count):
    statuses = [status for _, status in way({"UserCommand": "exit 1", "Settings": settings})]

    assert statuses == [
        *("Creating", "Queuing", "EnvPreparing"),
        *("Running", "Restarting", "EnvPreparing") * count,
        *("Running", "Failed"),
    ]


def test_the_maximum_running_time_counts_from_the_first_start():
    settings = {**AIMASTER, "ErrorMonitoringArgs": "--enable-job-restart=True"}
    moves = way(
        {"UserCommand": "exit 1", "Settings": settings, "JobMaxRunningTimeMinutes": 1}, Lifecycle(running=50)
    )

    assert moves[3:] == [
        (3, "Running"),
        (53, "Restarting"),
        (54, "EnvPreparing"),
        (55, "Running"),
        (63, "Stopping"),
        (65, "Stopped"),
    ]


def test_a_workspace_stops_what_runs_too_long():
    workspaces = (Workspace("1001", "research", max_running_minutes=1),)
    own = {"JobMaxRunningTimeMinutes": 100}

    assert way(own, Lifecycle(running=1e6), workspaces=workspaces)[-2:] == [(63, "Stopping"), (65, "Stopped")]


def spot(**spec):
    base = {"Type": "Worker", "PodCount": 1, "EcsSpec": "ecs.gn7i-c8g1.2xlarge", "Image": "a"}
    return {"JobSpecs": [{**base, **spec}]}


def test_a_spot_job_bids_and_may_be_reclaimed():
    body = spot(SpotSpec={"SpotStrategy": "SpotWithPriceLimit", "SpotDiscountLimit": 0.8})

    assert [status for _, status in way(body)][2:4] == ["Bidding", "EnvPreparing"]
    assert way(body, Lifecycle(reclaimed=2))[-2:] == [(4, "Running"), (6, "Failed")]
    assert way(body, Lifecycle(reclaimed=3))[-1] == (7, "Succeeded")
    assert way({}, Lifecycle(reclaimed=2))[-1] == (6, "Succeeded")


def test_too_low_a_bid_waits_forever():
    assert way(spot(SpotSpec={"SpotDiscountLimit": 0.05}))[-1] == (1, "Bidding")


def test_elastic_spot_jobs_go_on_elsewhere():
    body = spot(ElasticSpotSpecs=[{"InstanceType": "ecs.gn7i-c16g1.4xlarge"}])
    body["Settings"] = {"ElasticSpotJobMaxRestartTimes": 1}
    statuses = [status for _, status in way(body, Lifecycle(reclaimed=2))]

    assert statuses[-5:] == ["Running", "Restarting", "EnvPreparing", "Running", "Failed"]


def test_idle_resources_are_reclaimed_too():
    body = {"Settings": {"OversoldType": "ForceQuotaOverSold"}}

    assert way(body, Lifecycle(reclaimed=2))[-1] == (5, "Failed")


@pytest.mark.parametrize(
    "image", ["dsw-registry-vpc.cn-hangzhou.cr.aliyuncs.com/pai/pytorch:0.1-none", "registry/missing:1"]
)
def test_an_image_that_is_not_there_is_not_pulled(image):
    last = plan(spot(Image=image), switches=Switches(missing_images=("*/missing:*",)))[-1]

    assert (last.at, last.status, last.code) == (302, "Failed", "ImagePullBackOff")


def test_a_job_may_run_forever():
    assert way({}, Lifecycle(running=math.inf))[-1] == (3, "Running")


@given(
    st.sampled_from(["Creating", "Queuing", "Running", "Succeeded", "Failed", "Stopping", "Odd"]),
    st.integers(0, 9),
)
def test_a_pinned_job_stays_in_its_status(status, now):
    moves = pinned_moves(plan({}), status, now)

    assert moves_until(moves, now)[-1].status == moves_until(moves, math.inf)[-1].status == status
    assert moves[0] == Move(0, "Creating")


def test_get_shows_the_history(emulator, call, a_body):
    job_id = call.create(**a_body(UserCommand="exit 1"))
    start = emulator.now()
    emulator.turn(10)
    job = call.get(job_id)

    assert (job["Status"], job["ReasonCode"], job["Duration"]) == ("Failed", "JobFailed", 3)
    assert job["GmtFailedTime"] == job["GmtFinishTime"] == wire_time(start + 6)
    assert (job["GmtCreateTime"], job["GmtRunningTime"]) == (wire_time(start), wire_time(start + 3))
    assert [(one["Status"], one["StartTime"], one["EndTime"]) for one in job["StatusHistory"]] == [
        ("Creating", wire_time(start), wire_time(start + 1)),
        ("Queuing", wire_time(start + 1), wire_time(start + 2)),
        ("EnvPreparing", wire_time(start + 2), wire_time(start + 3)),
        ("Running", wire_time(start + 3), wire_time(start + 6)),
        ("Failed", wire_time(start + 6), ""),
    ]


def test_duration_grows_while_running(emulator, call, a_body):
    job_id = call.create(**a_body())
    emulator.turn(5)
    job = call.get(job_id)

    assert (job["Status"], job["Duration"]) == ("Running", 2)
    assert "GmtFinishTime" not in job


def test_rules_by_name_go_before_the_common_lifecycle(connect, a_body):
    rules = {"long-*": Lifecycle(running=1000), "*": Lifecycle(running=10)}
    with Emulator(clock=Clock.still(), lifecycles=rules) as emulator:
        call = connect(emulator)
        long, short = (call.create(**a_body(DisplayName=name)) for name in ("long-one", "short"))
        emulator.turn(100)

        assert (call.get(long)["Status"], call.get(short)["Status"]) == ("Running", "Succeeded")


def test_a_changed_status_stays(emulator, call, a_body):
    job_id = call.create(**a_body())
    emulator.change(job_id, Status="Mystery")
    emulator.turn(1000)

    assert call.get(job_id)["Status"] == call.list(Status="Mystery")["Jobs"][0]["Status"] == "Mystery"


def test_a_job_from_the_future_is_being_created(emulator, call):
    (job_id,) = emulator.seed({"GmtCreateTime": wire_time(emulator.now() + 60)})

    assert call.get(job_id)["Status"] == "Creating"
    assert call.names() == []
