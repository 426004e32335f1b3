"""How much a run can spend at most, and has spent."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.model.runs import Run
from dlcapply.planning.fields import FIELDS, not_in_table
from dlcapply.planning.run_progress import spent_by
from dlcapply.planning.spend import instance_types, spend_of
from tests.builders import NOW

KNOWN = {"gpu2": 2, "gpu8": 8, "cpu": 0}
CPUS = {"gpu2": 16, "gpu8": 64, "cpu": 4}


def of(*roles, minutes=90, runs=1, **spec):
    body = {"JobSpecs": list(roles), "JobMaxRunningTimeMinutes": minutes, **spec}
    return spend_of(body, accelerators=KNOWN, cpus=CPUS, runs=runs)


def scaled(most, **role):
    return {"EcsSpec": "gpu2", "PodCount": 3, "AutoScalingSpec": {"MaxReplicas": most}, **role}


def a_run(status="Running", **body):
    return Run("dlc1", "train", status, "2026-11-23T00:00:00Z", body)


@pytest.mark.parametrize(
    ("roles", "accelerators", "hours", "unpriced"),
    [
        ([{"EcsSpec": "gpu2", "PodCount": 3}], 6, 9.0, ()),
        ([{"EcsSpec": "gpu2", "PodCount": "3"}], 6, 9.0, ()),
        ([{"EcsSpec": "gpu2"}], 2, 3.0, ()),
        ([{"EcsSpec": "gpu2", "PodCount": 1}, {"EcsSpec": "gpu8", "PodCount": 2}], 18, 27.0, ()),
        ([{"EcsSpec": "cpu", "PodCount": 3}], 0, 0.0, ()),
        ([], 0, 0.0, ()),
        ([{"PodCount": 4}], 0, 0.0, ()),
        ([{"ResourceConfig": {"GPU": "8"}, "PodCount": 2}], 16, 24.0, ()),
        *(
            ([{"ResourceConfig": {"GPU": text}, "PodCount": 2}], 16, 24.0, ())
            for text in ("8000m", "8.0", "8e0", " 8 ", 8, 8.0, "7.5")
        ),
        ([{"ResourceConfig": {"GPU": "-8"}}], 0, None, ("",)),
        ([{"ResourceConfig": {"GPU": "1e99"}}], 0, None, ("",)),
        ([{"ResourceConfig": {"GPU": ["8"]}}], 0, None, ("",)),
        ([{"ResourceConfig": ["GPU"]}], 0, 0.0, ()),
        (["x", None, {"EcsSpec": "gpu2"}], 2, 3.0, ()),
        ([{"ResourceConfig": {"GPU": ""}}], 0, 0.0, ()),
        ([{"ResourceConfig": None}], 0, 0.0, ()),
        ([{"EcsSpec": "gpu2", "ResourceConfig": {"GPU": "8"}}], 2, 3.0, ()),
        ([{"EcsSpec": ["gpu2"]}], 0, None, ("",)),
        ([{"EcsSpec": "gpu2"}, {"EcsSpec": "z"}, {"EcsSpec": "a"}], 2, None, ("a", "z")),
        ([{"EcsSpec": "gpu2"}, {"ResourceConfig": {"GPU": "1/2"}}], 2, None, ("",)),
        ([{"EcsSpec": "gpu2", "ElasticSpotSpecs": [{"InstanceType": "gpu8"}, {}, "x"]}], 8, 12.0, ()),
        ([{"EcsSpec": "gpu2", "ElasticSpotSpecs": [{"InstanceType": "z"}]}], 0, None, ("z",)),
    ],
)
def test_pods_times_accelerators_times_hours(roles, accelerators, hours, unpriced):
    spend = of(*roles)
    assert (spend.accelerators, spend.hours, spend.unpriced) == (accelerators, hours, unpriced)


@pytest.mark.parametrize(
    ("roles", "cpus", "hours", "uncounted"),
    [
        ([{"EcsSpec": "cpu", "PodCount": 3}], 12, 18.0, ()),
        ([{"EcsSpec": "cpu"}, {"EcsSpec": "gpu2"}], 20, 30.0, ()),
        ([{"ResourceConfig": {"CPU": "2500m"}, "PodCount": 2}], 5, 7.5, ()),
        ([{"ResourceConfig": {"GPU": "1"}}], 0, None, ("",)),
        ([{"EcsSpec": "z"}], 0, None, ("z",)),
        ([], 0, 0.0, ()),
    ],
)
def test_cpus_count_alike_and_no_pod_is_without(roles, cpus, hours, uncounted):
    spend = of(*roles)
    assert (spend.cpus, spend.cpu_hours, spend.uncounted) == (cpus, hours, uncounted)


@pytest.mark.parametrize("minutes", [None, 0, -60, "soon", 1.5, True])
def test_without_a_maximum_only_what_a_run_has_none_of_is_bounded(minutes):
    gpu, cpu = of({"EcsSpec": "gpu2"}, minutes=minutes), of({"EcsSpec": "cpu"}, minutes=minutes)
    assert (gpu.accelerators, gpu.hours, gpu.unbounded_by) == (2, None, ("JobMaxRunningTimeMinutes",))
    assert (cpu.hours, cpu.cpu_hours, cpu.unbounded_by) == (0.0, None, ("JobMaxRunningTimeMinutes",))


@pytest.mark.parametrize(
    ("most", "accelerators"), [(8, 16), ("8", 16), (8.0, 16), (3, 6), (2, 6), (1, 6), (10**9, 2 * 10**9)]
)
def test_a_role_counts_with_as_many_pods_as_it_may_be_scaled_to(most, accelerators):
    assert of(scaled(most)).accelerators == accelerators
    assert of(scaled(most)).hours == accelerators * 1.5


@pytest.mark.parametrize("most", [None, 0, -1, "many", 2.5, [8], True, 10**400])
def test_a_role_that_is_scaled_to_no_readable_number_has_no_bound(most):
    spend = of(scaled(most, Type="Worker", AutoScalingSpec={"MaxReplicas": most, "MinReplicas": 1}))
    assert (spend.accelerators, spend.hours, spend.cpu_hours) == (6, None, None)
    assert spend.unbounded_by == ("JobSpecs[Worker].AutoScalingSpec.MaxReplicas",)


@pytest.mark.parametrize("scaling", [None, {}, {"MaxReplicas": None}, [], "x"])
def test_scaling_that_says_nothing_changes_nothing(scaling):
    assert of(scaled(8, AutoScalingSpec=scaling)) == of({"EcsSpec": "gpu2", "PodCount": 3})


def test_the_fewest_pods_count_too_where_they_are_more():
    assert of(scaled(4, AutoScalingSpec={"MinReplicas": 9, "MaxReplicas": 4})).accelerators == 18
    odd = of(scaled(4, AutoScalingSpec={"MinReplicas": -9, "MaxReplicas": 4}))
    assert (odd.hours, odd.unbounded_by) == (None, ("JobSpecs[].AutoScalingSpec.MinReplicas",))


@pytest.mark.parametrize("count", [-1, "x", 2.5, True, [3], 10**400])
def test_an_odd_number_of_pods_has_no_bound(count):
    assert of({"EcsSpec": "gpu2", "PodCount": count}).unbounded_by == ("JobSpecs[].PodCount",)
    assert of({"EcsSpec": "gpu2", "PodCount": count}).hours is None


@pytest.mark.parametrize("policy", [None, "Always", "OnFailure", "OnSucceed"])
def test_reserved_minutes_are_held_after_whatever_end(policy):
    settings = {"JobReservedMinutes": 30, "JobReservedPolicy": policy}
    assert of({"EcsSpec": "gpu2"}, Settings=settings).hours == 4.0


@pytest.mark.parametrize("reserved", [None, -1, "x", 0.5])
def test_a_policy_without_readable_minutes_has_no_bound(reserved):
    spend = of({"EcsSpec": "gpu2"}, Settings={"JobReservedMinutes": reserved, "JobReservedPolicy": "Always"})
    assert (spend.hours, spend.unbounded_by) == (None, ("Settings.JobReservedMinutes",))


def test_retries_that_may_follow_count():
    assert of({"EcsSpec": "gpu2"}, runs=3).hours == 9.0
    assert of({"EcsSpec": "gpu2"}, runs=3).cpu_hours == 72.0


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        ({"TemplateId": "tpl1"}, "TemplateId"),
        (
            {"Settings": {"DataJuicerConfig": {"EnableResourceEstimation": True}}},
            "Settings.DataJuicerConfig.EnableResourceEstimation",
        ),
    ],
)
def test_what_adds_what_stands_in_no_manifest_has_no_bound(setting, name):
    spend = of(**setting)
    assert (spend.hours, spend.cpu_hours, spend.unbounded_by) == (None, None, (name,))


RESTARTS = "--job-execution-mode Sync --enable-job-restart"


@pytest.mark.parametrize(
    ("spec", "names"),
    [
        ({}, ()),
        ({"Settings": {"ElasticSpotJobMaxRestartTimes": 3}}, ("Settings.ElasticSpotJobMaxRestartTimes",)),
        ({"Settings": {"ElasticSpotJobMaxRestartTimes": 0}}, ()),
        ({"Settings": {"TerminationGracePeriodSeconds": 600}}, ("Settings.TerminationGracePeriodSeconds",)),
        *(
            ({"Settings": {"ErrorMonitoringArgs": f"{RESTARTS}{value}"}}, ("Settings.ErrorMonitoringArgs",))
            for value in ("", " True", "=true", " 'True' --max-num-of-job-restart 9", " --enable-x")
        ),
        *(
            ({"Settings": {"ErrorMonitoringArgs": text}}, ())
            for text in (f"{RESTARTS} False", f"{RESTARTS}='false' --x", f"{RESTARTS}-check True", "", 7)
        ),
        (
            {
                "Settings": {
                    "EnableErrorMonitoringInAIMaster": False,
                    "ErrorMonitoringArgs": f"{RESTARTS} True",
                }
            },
            (),
        ),
        (
            {"Settings": {"EnableErrorMonitoringInAIMaster": True}},
            ("Settings.EnableErrorMonitoringInAIMaster",),
        ),
        ({"ElasticSpec": {"EnableElasticTraining": True, "MaxParallelism": 8}}, ("ElasticSpec",)),
        ({"ElasticSpec": {"EnableElasticTraining": False}}, ()),
        (
            {"Settings": {"JobReservedHours": 48}, "Elastic": {"Max": 9}},
            ("Settings.JobReservedHours", "Elastic"),
        ),
        ({"Settings": {"AdvancedSettings": {"any": 1}, "Tags": {"a.b": "c"}}, "Envs": {"x.y": "z"}}, ()),
    ],
)
def test_settings_that_can_lead_beyond_are_named_and_change_no_number(spec, names):
    spend = of({"EcsSpec": "gpu2"}, **spec)
    assert spend == replace(of({"EcsSpec": "gpu2"}), can_exceed=names)


@pytest.mark.parametrize("path", FIELDS)
def test_no_key_of_the_table_is_taken_for_a_newer_one(path):
    spec = 1
    for key in reversed(re.findall(r"\[\]|[^.\[]+", path)):
        spec = [spec] if key == "[]" else {key.replace("*", "any.key"): spec}
    assert list(not_in_table(spec)) == []


SIDECAR = {"Name": "s", "Resources": {"Limits": {"nvidia.com/gpu": "1"}}}


@pytest.mark.parametrize(
    ("extra", "names"),
    [
        ({"SideCarContainers": [SIDECAR]}, ("JobSpecs[PS].ExtraPodSpec.SideCarContainers",)),
        ({"InitContainers": [{}, SIDECAR]}, ("JobSpecs[PS].ExtraPodSpec.InitContainers",)),
        ({"SideCarContainers": [{"Name": "s"}, "x"], "InitContainers": "x"}, ()),
        (["x"], ()),
    ],
)
def test_containers_that_may_hold_more_than_the_pods_are_named(extra, names):
    role = {"Type": "PS", "ResourceConfig": {"CPU": "4"}, "ExtraPodSpec": extra}
    assert of(role).can_exceed == names


@pytest.mark.parametrize(
    ("role", "names"),
    [
        ({"RestartPolicy": "Never"}, ()),
        *(
            ({"RestartPolicy": one}, ("JobSpecs[PS].RestartPolicy",))
            for one in ("Always", "OnFailure", ["x"])
        ),
        ({"ElasticSpotSpecs": [{"InstanceType": "gpu2"}]}, ("JobSpecs[PS].ElasticSpotSpecs",)),
        ({"MaxPodCount": 8}, ("JobSpecs.MaxPodCount",)),
        ({"MaxPodCount": None, "ExtraPodSpec": {"SideCarContainers": [SIDECAR]}}, ()),
    ],
)
def test_settings_of_a_role_that_can_lead_beyond_are_named(role, names):
    assert of({"Type": "PS", "EcsSpec": "gpu2", **role}).can_exceed == names


NUMBERS = st.integers(1, 1000)
SPECS = st.fixed_dictionaries(
    {
        "PodCount": NUMBERS,
        "AutoScalingSpec": st.fixed_dictionaries({"MaxReplicas": NUMBERS, "MinReplicas": NUMBERS}),
    }
)


@given(
    SPECS, NUMBERS, NUMBERS, st.integers(1, 9), st.sampled_from(["pods", "most", "minutes", "held", "runs"])
)
def test_more_of_anything_never_spends_less(role, minutes, held, runs, more):
    def spent(*, grown):
        add = {one: int(grown and one == more) for one in ("pods", "most", "minutes", "held", "runs")}
        scaling = role["AutoScalingSpec"] | {
            "MaxReplicas": role["AutoScalingSpec"]["MaxReplicas"] + add["most"]
        }
        one = {"EcsSpec": "gpu2", "PodCount": role["PodCount"] + add["pods"], "AutoScalingSpec": scaling}
        settings = {"JobReservedMinutes": held + add["held"]}
        return of(one, minutes=minutes + add["minutes"], runs=runs + add["runs"], Settings=settings)

    before, after = spent(grown=False), spent(grown=True)
    assert before.hours <= after.hours
    assert before.cpu_hours <= after.cpu_hours


@given(SPECS, NUMBERS, NUMBERS)
def test_no_run_that_the_spec_allows_holds_more(role, minutes, held):
    pods = max(role["PodCount"], *role["AutoScalingSpec"].values())
    spend = of({"EcsSpec": "gpu2", **role}, minutes=minutes, Settings={"JobReservedMinutes": held})
    assert spend.hours >= pods * 2 * (minutes + held) / 60 - 1e-6


def test_a_spec_without_roles_spends_nothing():
    for spec in ({}, {"JobSpecs": None}):
        spend = spend_of({"JobMaxRunningTimeMinutes": 60, **spec}, accelerators={})
        assert (spend.hours, spend.cpu_hours) == (0.0, 0.0)


def test_which_instance_types_must_be_known():
    specs = [{"JobSpecs": [{"EcsSpec": "a"}, {"EcsSpec": ""}, {}]}, {}, {"JobSpecs": None}]
    specs += [{"JobSpecs": "x"}, {"JobSpecs": {"EcsSpec": "c"}}, {"JobSpecs": ["x", {"EcsSpec": ["c"]}]}]
    specs += [{"JobSpecs": [{"EcsSpec": "a", "ElasticSpotSpecs": [{"InstanceType": "d"}]}]}]
    assert instance_types([*specs, {"JobSpecs": [{"EcsSpec": "b"}, {"EcsSpec": "a"}]}]) == {"a", "b", "d"}


def spent(run):
    return spent_by(run, accelerators=KNOWN, cpus=CPUS, now=NOW)


@pytest.mark.parametrize(
    ("started", "hours"),
    [("2026-11-23T10:30:00Z", 1.5), ("2026-11-23T12:00:00Z", 0.0), ("2026-11-23T13:00:00Z", 0.0)],
)
def test_what_a_run_has_spent_since_it_was_running(started, hours):
    run = a_run(GmtRunningTime=started, JobSpecs=[{"EcsSpec": "gpu2", "PodCount": 2}])
    assert spent(run) == (4 * hours, 32 * hours, True)
    run = a_run(GmtRunningTime=started, JobSpecs=[{"EcsSpec": "cpu", "PodCount": 2}])
    assert spent(run) == (0.0, 8 * hours, False)


@pytest.mark.parametrize("started", ["", None, "soon"])
def test_a_run_that_does_not_say_since_when_it_runs_has_spent_what_nobody_knows(started):
    roles = [{"EcsSpec": "gpu2"}]
    assert spent(a_run(GmtRunningTime=started, JobSpecs=roles)) == (None, None, True)
    assert spent(a_run("Queuing", GmtRunningTime=started, JobSpecs=roles)) == (0.0, 0.0, True)


def test_a_run_of_unknown_size_has_spent_what_nobody_knows():
    started = "2026-11-23T10:30:00Z"
    assert spent(a_run(GmtRunningTime=started, JobSpecs=[{"EcsSpec": "z"}])) == (None, None, True)
    assert spent(a_run(GmtRunningTime=started)) == (None, None, True)
