"""Jobs wait for what is limited: quotas by priority and age, instance types by stock."""

from dataclasses import replace
from math import inf

import pytest

from dlcapply.emulator import CATALOGUE, Clock, Emulator, InstanceType, Lifecycle, Quota, Switches

QUOTA = Quota("quota-small", "small", cpu=16, memory=64, gpu=4)
RARE = InstanceType("ecs.rare", 8, 32, 1, "NVIDIA H0", 80, stock=2)
SHOP = replace(CATALOGUE, quotas=(QUOTA,), instance_types=(*CATALOGUE.instance_types, RARE))
LIFECYCLES = {"endless*": Lifecycle(running=inf), "long*": Lifecycle(running=100)}


@pytest.fixture
def emulator():
    with Emulator(clock=Clock.still(), catalogue=SHOP, lifecycles=LIFECYCLES) as emulator:
        yield emulator


@pytest.fixture
def submit(call, a_body):
    def create(name, gpus=4, **more):
        config = {"CPU": "1", "GPU": str(gpus), "Memory": "1Gi"}
        spec = {"Type": "Worker", "PodCount": 1, "Image": "registry/a:1", "ResourceConfig": config}
        return call.create(**a_body(DisplayName=name, ResourceId="quota-small", JobSpecs=[spec], **more))

    return create


@pytest.fixture
def statuses(call):
    def read():
        rows = call.list(PageSize=100, Order="asc")["Jobs"]
        return {row["DisplayName"]: row["Status"] for row in rows}

    return read


def test_a_full_quota_makes_jobs_wait_until_one_ends(emulator, submit, statuses):
    submit("long")
    submit("next")
    emulator.turn(102.5)
    assert statuses() == {"long": "Running", "next": "Queuing"}

    emulator.turn(1)
    assert statuses() == {"long": "Succeeded", "next": "EnvPreparing"}


def test_what_fits_runs_side_by_side(emulator, submit, statuses):
    for name in ("endless-1", "endless-2", "endless-3"):
        submit(name, gpus=2)
    emulator.turn(50)

    assert statuses() == {"endless-1": "Running", "endless-2": "Running", "endless-3": "Queuing"}


def test_the_higher_priority_goes_first_and_age_breaks_ties(emulator, submit, statuses):
    submit("long")
    emulator.turn(5)
    for name, priority in (("low", 1), ("long-high", 5), ("long-later", 5)):
        submit(name, Priority=priority)
    emulator.turn(110)
    assert statuses() == {
        "long": "Succeeded",
        "low": "Queuing",
        "long-high": "Running",
        "long-later": "Queuing",
    }
    emulator.turn(102)
    assert (statuses()["long-later"], statuses()["low"]) == ("Running", "Queuing")


def test_a_changed_priority_moves_a_job_forward(emulator, call, submit, statuses):
    submit("long")
    emulator.turn(5)
    submit("first", Priority=2)
    second = submit("second")
    call("PUT", f"/jobs/{second}", {"Priority": 9})
    emulator.turn(100)

    assert statuses() == {"long": "Succeeded", "first": "Queuing", "second": "Running"}


def test_stopping_frees_the_quota_once_the_job_is_stopped(emulator, call, submit, statuses):
    endless = submit("endless")
    submit("next")
    emulator.turn(50)
    call("POST", f"/jobs/{endless}/stop")
    emulator.turn(1)
    assert statuses() == {"endless": "Stopping", "next": "Queuing"}

    emulator.turn(1)
    assert statuses() == {"endless": "Stopped", "next": "EnvPreparing"}


def test_a_reserving_job_still_holds_its_resources(emulator, submit, statuses):
    submit("held", Settings={"JobReservedMinutes": 1})
    submit("next")
    emulator.turn(60)
    assert statuses() == {"held": "SucceededReserving", "next": "Queuing"}

    emulator.turn(10)
    assert statuses() == {"held": "Succeeded", "next": "Succeeded"}


def test_what_can_never_fit_waits_forever_and_lets_nobody_past(emulator, submit, statuses):
    submit("huge", gpus=5)
    submit("small", gpus=1)
    emulator.turn(100_000)

    assert statuses() == {"huge": "Queuing", "small": "Queuing"}


def test_a_stopped_waiting_job_lets_the_others_go(emulator, call, submit, statuses):
    huge = submit("huge", gpus=5)
    submit("small", gpus=1)
    emulator.turn(10)
    call("POST", f"/jobs/{huge}/stop")
    emulator.turn(2)

    assert statuses() == {"huge": "Stopped", "small": "Running"}


def test_no_stock_queues(emulator, call, a_body, statuses):
    def create(name, count):
        spec = {"Type": "Worker", "PodCount": count, "Image": "registry/a:1", "EcsSpec": "ecs.rare"}
        return call.create(**a_body(DisplayName=name, JobSpecs=[spec]))

    create("endless", 1)
    create("two", 2)
    emulator.turn(100)
    assert statuses() == {"endless": "Running", "two": "Queuing"}

    emulator.configure(catalogue=replace(SHOP, instance_types=(replace(RARE, stock=3),)))
    emulator.turn(2)
    assert statuses() == {"endless": "Running", "two": "Running"}


def test_a_seeded_status_is_not_scheduled_away(emulator, call, submit):
    (waiting,) = emulator.seed({"Status": "Queuing", "ResourceId": "quota-small"})
    submit("other")
    emulator.turn(100)

    assert call.get(waiting)["Status"] == "Queuing"


def test_the_plan_of_a_queue_survives_in_the_state(tmp_path, connect, a_body):
    """Nothing ticks: another process finds the queue as far on as the clock is."""
    state, switches = tmp_path / "s.db", Switches(check_references=False)
    common = {"catalogue": SHOP, "lifecycles": LIFECYCLES, "switches": switches}
    with Emulator(state, clock=Clock.still(), **common) as emulator:
        call = connect(emulator)
        spec = {"Type": "Worker", "PodCount": 2, "Image": "a", "EcsSpec": "ecs.rare"}
        for name in ("long", "endless"):
            call.create(**a_body(DisplayName=name, JobSpecs=[spec]))
    with Emulator(state, clock=Clock.still(), **common) as emulator:
        emulator.turn(110)
        rows = connect(emulator).list()["Jobs"]

    assert {row["DisplayName"]: row["Status"] for row in rows} == {"long": "Succeeded", "endless": "Running"}
