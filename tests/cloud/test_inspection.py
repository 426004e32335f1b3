"""What is read of a run beside the run itself: metrics, checks, dashboards, TensorBoards, and its queue."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.cloud import catalog, dashboards, metrics, quotas, sanity, tensorboards
from dlcapply.cloud.wire import values
from dlcapply.cloud.wire.connection import connect
from dlcapply.cloud.wire.products import PAI_STUDIO
from dlcapply.emulator import CATALOGUE, KEY_ID, SECRET, Clock, Emulator, Lifecycle, Quota, Switches, User
from dlcapply.errors import ServiceError
from dlcapply.model.addresses import Address
from dlcapply.model.answers import maps
from dlcapply.model.queues import Queue, Workload
from tests.answers.service import ODD

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
SMALL = Quota("quota-small", "small", cpu=64, memory=512, gpu=4, resource_type="Lingjun")
POD = {"CPU": "8", "GPU": "2", "Memory": "64Gi"}


@pytest.fixture
def emulator():
    catalogue = replace(CATALOGUE, quotas=(SMALL, *CATALOGUE.quotas))
    lives = {"lifecycle": Lifecycle(running=inf), "clock": Clock.still(START)}
    with Emulator(catalogue=catalogue, switches=Switches(check_references=False), **lives) as running:
        yield running
        assert (running.unknown_routes, running.errors) == ((), ())


@pytest.fixture
def studio(emulator, environment, clock, keys):
    there = replace(environment, endpoint=emulator.endpoint)
    return connect(there, clock=clock, product=PAI_STUDIO, keys=keys)


def on_quota(name, **keys):
    spec = {"Type": "Worker", "PodCount": 1, "Image": "i", "ResourceConfig": POD}
    return {"DisplayName": name, "ResourceId": "quota-small", "JobSpecs": [spec], **keys}


def test_the_queue_is_the_one_that_jobs_wait_in(emulator, studio):
    first, second, late, urgent = emulator.seed(
        on_quota("first"), on_quota("second"), on_quota("late"), on_quota("urgent", Priority=9)
    )
    emulator.turn(60)
    queue = quotas.workloads(studio, "quota-small")

    assert {one.workload_id for one in queue.running} == {urgent, first}
    assert [(one.workload_id, one.position) for one in queue.waiting] == [(second, 1), (late, 2)]
    place = queue.place_of(late)
    assert (place.number, [one.name for one in place.ahead], place.unseen) == (2, ["second"], 0)
    assert (place.workload.asks.accelerators, place.workload.asks.memory) == (2.0, 64.0)
    assert (place.workload.code, place.workload.enqueued) == (
        "ResourceNotEnough",
        START + timedelta(seconds=1),
    )
    assert queue.place_of(first) is None
    quota = quotas.quota(studio, "quota-small")
    assert (quota.size.accelerators, quota.held.accelerators, quota.free.accelerators) == (4.0, 4.0, 0.0)
    assert "quota-small" in {one.quota_id for one in quotas.quotas_of(studio, "1001")}
    emulator.change(first, Status="Succeeded")
    emulator.change(urgent, Status="Succeeded")
    emulator.turn(60)
    assert quotas.workloads(studio, "quota-small").place_of(late) is None


def test_who_is_ahead_and_not_shown_is_counted(emulator, environment, clock, keys):
    emulator.seed(on_quota("a", UserId="7"), on_quota("b", UserId="7"), on_quota("private", UserId="7"))
    (mine,) = emulator.seed(on_quota("mine", UserId="8"))
    emulator.turn(60)
    emulator.configure(users={KEY_ID: User(SECRET, "8")})
    there = replace(environment, endpoint=emulator.endpoint)
    queue = quotas.workloads(connect(there, clock=clock, product=PAI_STUDIO, keys=keys), "quota-small")

    place = queue.place_of(mine)
    assert (place.number, place.ahead, place.unseen) == (2, (), 1)


@given(
    st.lists(st.tuples(st.booleans(), st.none() | st.integers(0, 6)), max_size=8),
    st.integers(0, 7),
)
def test_a_place_never_counts_who_is_behind(rows, chosen):
    found = [
        Workload(str(at), is_waiting=waits, position=position) for at, (waits, position) in enumerate(rows)
    ]
    place = Queue("q", tuple(found)).place_of(str(chosen))
    if chosen >= len(found) or not found[chosen].is_waiting or found[chosen].position is None:
        assert place is None
        return
    before = {one for one in found if one.is_waiting and _is_before(one, found[chosen])}
    assert set(place.ahead) == before
    assert place.unseen >= 0
    assert place.number >= 1


def _is_before(one, other):
    return one.position is not None and one.position < other.position


def test_the_places_of_a_long_queue_are_those_of_each_and_looked_through_once():
    class Counted(int):
        seen = 0

        def __lt__(self, other):
            Counted.seen += 1
            return int(self) < other

    found = tuple(Workload(str(at), is_waiting=True, position=Counted(at)) for at in range(1, 1_001))
    queue = Queue("q", found[::-1])
    assert [place and place.number for place in queue.places()] == list(range(1, 1_001))
    assert Counted.seen < 30_000


def test_metrics_are_read_in_parts_and_each_point_once(emulator, connection):
    (job_id,) = emulator.seed({"DisplayName": "a", "JobSpecs": [{"PodCount": 2}]})
    emulator.turn(7200)
    end = START + timedelta(seconds=7200)
    told = metrics.metrics(connection, job_id, "GpuCoreUsage", start=START, end=end, step="10s")
    calls = [entry for entry in emulator.requests if entry.operation == "GetJobMetrics"]

    assert len(calls) == 3  # 720 points, 300 a call
    assert {curve.pod_id for curve in told.curves} == {f"{job_id}-master-0", f"{job_id}-worker-0"}
    for curve in told.curves:
        times = [point.at for point in curve.points]
        assert times == sorted(set(times))
        assert len(times) in {719, 720, 721}
        assert 60 < curve.low <= curve.middle <= curve.high < 100


class Cards:
    """A service that has a curve for each card of a pod, the busy one first."""

    def read(self, _operation, _path, _query):
        at = int(START.timestamp() * 1000)
        curves = [[{"Time": at, "Value": value}] for value in (97.0, 0.0)]
        return {"PodMetrics": [{"PodId": "dlc1-master-0", "Metrics": one} for one in curves]}


def test_of_a_pod_with_a_curve_for_each_card_the_highest_counts():
    end = START + timedelta(minutes=5)
    (curve,) = metrics.metrics(Cards(), "dlc1", "GpuCoreUsage", start=START, end=end).curves
    assert [point.value for point in curve.points] == [97.0]


def test_what_a_quota_s_job_did_is_known_to_cloud_monitor_alone(emulator, connection):
    (job_id,) = emulator.seed(on_quota("a"))
    emulator.turn(1800)
    end = START + timedelta(seconds=1800)
    assert metrics.metrics(connection, job_id, "GpuCoreUsage", start=START, end=end).curves == ()
    run = {"JobId": job_id, "UserId": "1", "WorkspaceId": 1001}
    times = {"region": "cn-hangzhou", "start": START, "end": end, "step": 10}
    (curve,) = metrics.cloud_monitor(connection, run, "GpuCoreUsage", **times).curves

    assert (curve.pod_id, len(curve.points) > 25) == ("", True)


def test_checks_come_in_their_order(emulator, connection):
    (job_id,) = emulator.seed({"DisplayName": "a", "Settings": {"EnableSanityCheck": True}})
    assert sanity.sanity_results(connection, job_id) == ()
    emulator.turn(60)
    found = sanity.sanity_results(connection, job_id)

    assert [(one.number, one.status) for one in found] == [(1, "Succeeded")] * 5
    assert [one.phase for one in found][::4] == ["CheckInit", "AllNodeCommCheck"]
    assert not any(one.has_failed for one in found)
    assert found[0].finished - found[0].started == timedelta(seconds=1)


@pytest.mark.parametrize("absent", ["refused", "empty"])
def test_only_what_has_a_dashboard_has_its_address(emulator, connection, absent):
    emulator.configure(switches=Switches(absent_dashboards=absent))
    plain, ray = emulator.seed({"DisplayName": "a"}, {"DisplayName": "b", "JobType": "RayJob"})
    early = dashboards.dashboard(connection, ray, dashboards.RAY_DASHBOARD)
    emulator.turn(60)

    assert (early.url, "the job is Creating" in early.note) == ("", True)
    assert dashboards.dashboard(connection, plain, dashboards.DASHBOARD) == Address("dashboard")
    shown = dashboards.dashboard(connection, ray, dashboards.RAY_DASHBOARD)
    assert shown.url.endswith(f"/ray/dashboard/{ray}")
    terminal = dashboards.web_terminal(connection, ray, f"{ray}-worker-0")
    assert terminal.url.startswith("wss://")
    assert {entry.path.rpartition("?")[2] for entry in emulator.requests if "ashboard" in entry.path} == {
        "isShared=false"
    }


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "https://a b", "https://", "//a", "\x1b[2Jhttps://a", 7, "https://[", "x" * 9],
)
def test_what_is_no_address_is_not_shown(url):
    found = dashboards.checked(dashboards.DASHBOARD, {"url": url}, "url")
    assert (found.url, bool(found.note)) == ("", isinstance(url, str))


def test_tensorboards_of_a_run_are_found_wherever_they_name_it(emulator, connection):
    job_id, other = emulator.seed({"DisplayName": "a"}, {"DisplayName": "b"})
    about = {"name": "a", "summary_path": "/mnt/logs", "minutes": 60}
    tensorboards.create(connection, "1001", other, **about)
    sources = [{"Id": job_id, "SourceType": "dlcjob", "SummaryPath": "/x"}]
    body = {"WorkspaceId": "1001", "TensorboardDataSources": sources}
    connection.write("CreateTensorboard", "POST", "/api/v1/tensorboards", body)
    emulator.turn(8 * 86_400)
    assert [one.status for one in tensorboards.tensorboards_of(connection, "1001", job_id)] == ["Running"]
    mine = tensorboards.create(connection, "1001", job_id, **about)
    emulator.turn(60)
    newest, _ = tensorboards.tensorboards_of(connection, "1001", job_id)
    assert (newest.tensorboard_id, newest.is_active, newest.summary_path) == (mine, True, "/mnt/logs")
    assert newest.address.endswith(f"/tensorboard/{mine}/")
    tensorboards.stop(connection, "1001", mine)
    assert tensorboards.tensorboards_of(connection, "1001", job_id)[0].is_stopped
    with pytest.raises(ServiceError, match="can't be stopped, because it is Stopped"):
        tensorboards.stop(connection, "1001", mine)
    tensorboards.start(connection, "1001", mine)
    assert tensorboards.tensorboards_of(connection, "1001", job_id)[0].is_active


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_no_odd_value_is_more_than_absent(odd):
    for read in (values.whole, values.real, values.quantity, values.time, values.milliseconds):
        read(odd)
    assert maps(odd) == []
    assert values.quantity("100Gi") == 100.0
    assert values.quantity("512Mi") == 0.5
    assert values.time("”2023-11-30T16:47:30.343005+08:00“") == datetime(
        2023, 11, 30, 8, 47, 30, 343005, tzinfo=UTC
    )


def test_a_value_that_is_none_costs_itself_alone(box, http, connected):
    rows = ", ".join(f'{{"Time": {START.timestamp() * 1000 + at:.0f}, "Value": {value}}}' for at, value in (
        (0, "7"), (1, "NaN"), (2, "Infinity"), (3, "null"), (4, '"-"'), (5, "1e999"), (6, '"9"')
    ))  # fmt: skip
    answer = http(200, f'{{"PodMetrics": [{{"PodId": "p", "Metrics": [{rows}, NaN]}}]}}')
    end = START + timedelta(minutes=5)
    found = metrics.metrics(connected(box(answer).endpoint), "dlc1", "GpuCoreUsage", start=START, end=end)
    assert ([point.value for point in found.curves[0].points], found.unread) == ([7.0, 9.0], 6)
    points = f"[{rows.replace('Time', 'timestamp')}]".replace('"', '\\"')
    answer = http(200, f'{{"DataPoints": "{points}"}}')
    run, at = {"JobId": "dlc1"}, {"start": START, "end": end, "step": 60}
    there = connected(box(answer).endpoint)
    found = metrics.cloud_monitor(there, run, "GpuCoreUsage", region="cn-hangzhou", **at)
    assert ([point.value for point in found.curves[0].points], found.unread) == ([7.0, 9.0], 5)


def test_quotas_checks_and_types_lose_no_more_than_an_amount_that_is_none(box, http, connected):
    amount = '{"GPU": NaN, "CPU": "8", "Memory": Infinity}'
    quota = f'{{"QuotaId": "q", "QuotaDetails": {{"AllocatableQuota": {amount}}}}}'
    size = quotas.quota(connected(box(http(200, quota)).endpoint), "q").size
    assert (size.accelerators, size.cpus, size.memory) == (None, 8.0, None)
    checks = '{"SanityCheckResults": [[{"CheckNumber": NaN, "Phase": "DeviceCheck", "Status": "Failed"}]]}'
    (check,) = sanity.sanity_results(connected(box(http(200, checks)).endpoint), "dlc1")
    assert (check.number, check.status) == (1, "Failed")
    specs = ", ".join(f'{{"InstanceType": "{name}", "Gpu": {gpu}, "Cpu": 8}}' for name, gpu in (
        ("odd", "NaN"), ("sound", "4")
    ))  # fmt: skip
    there = connected(box(http(200, f'{{"EcsSpecs": [{specs}], "TotalCount": NaN}}')).endpoint)
    assert catalog.sizes(there, ["odd", "sound"]) == ({"sound": 4}, {"odd": 8, "sound": 8})


@pytest.mark.parametrize("told", [1_793_500_000_000, 1_793_500_000, "1793500000", 1_793_500_000.0])
def test_a_time_in_seconds_is_not_taken_for_one_in_1970(told):
    assert values.milliseconds(told) == datetime(2026, 11, 1, 2, 26, 40, tzinfo=UTC)
