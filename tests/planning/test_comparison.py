"""What counts as a difference, where answers lack, add or reorder something."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dlcapply.errors import ServiceError
from dlcapply.model.jobs import EnvSource
from dlcapply.model.plans import Behaviour, FieldChange, FieldKind
from dlcapply.planning.diff import differences, needs_detail
from dlcapply.planning.masking import FROM_ENVIRONMENT, MASK
from tests.builders import a_job, a_run, a_spec

WORKER = a_spec()["JobSpecs"][0]


def shown(desired, live):
    return {change.path: (change.before, change.after) for change in differences(desired=desired, live=live)}


def lacking(run, *keys, **changes):
    body = {key: value for key, value in run.body.items() if key not in keys} | changes
    return replace(run, body=body)


def test_what_the_answer_lacks_is_no_difference_while_the_mark_says_the_same():
    job = a_job(ThirdpartyLibDir="/root", Settings={"AdvancedSettings": {"Priority": 5, "x": "1"}})
    run = a_run(job)
    tags_only = {"Tags": run.tags}
    bare = lacking(run, "ThirdpartyLibDir", "JobMaxRunningTimeMinutes", "UserCommand", Settings=tags_only)
    assert shown(job, bare) == {}
    fewer = {**tags_only, "AdvancedSettings": {"x": "1"}}
    assert shown(job, lacking(run, Settings=fewer)) == {}


def test_what_the_answer_lacks_shows_where_the_manifest_changed():
    before, after = a_job(UserCommand="a"), a_job(UserCommand="b", ThirdpartyLibDir="/root")
    assert shown(after, a_run(before)) == {"ThirdpartyLibDir": (None, "/root"), "UserCommand": ("a", "b")}


@pytest.mark.parametrize("default", [{"Priority": 1}, {"Accessibility": "PRIVATE"}, {"Description": ""}])
def test_a_default_that_the_answer_lacks_is_no_difference(default):
    job = a_job(**default)
    assert shown(job, lacking(a_run(a_job()), "Priority", "Accessibility", "Description")) == {}


def test_items_are_compared_by_the_fields_that_the_job_sets():
    job = a_job(CustomEnvs=[{"Key": "A", "Value": "1"}, {"Key": "B", "Value": "2"}])
    filled = [{**pair, "Visible": "public"} for pair in job.spec["CustomEnvs"]]
    assert shown(job, lacking(a_run(job), CustomEnvs=filled)) == {}
    other = [filled[0], {**filled[1], "Value": "3"}]
    assert shown(job, lacking(a_run(job), CustomEnvs=other)) == {"CustomEnvs[B].Value": ("3", "2")}
    assert shown(job, lacking(a_run(job), CustomEnvs=other[::-1])) == {"CustomEnvs[B].Value": ("3", "2")}


def a_credential(token, *, keys=("a",), roles=1):
    role = {"RoleArn": "acs:ram::1:role/x", "AssumeUserInfo": {"Id": "u", "SecurityToken": token}}
    return a_job(
        CredentialConfig={"CredentialConfigItems": [{"Key": key, "Roles": [role] * roles} for key in keys]}
    )


def test_what_is_never_read_back_is_left_out_of_lists_of_any_length():
    before, after = a_credential("s3cret-1"), a_credential("s3cret-2", keys=("a", "b"))
    assert shown(a_credential("s3cret-2"), a_run(before)) == {}
    (change,) = differences(desired=after, live=a_run(before))
    role = {"RoleArn": "acs:ram::1:role/x", "AssumeUserInfo": {"Id": "u", "SecurityToken": MASK}}
    assert change.path == "CredentialConfig.CredentialConfigItems[b]"
    assert (change.before, change.after) == (None, {"Key": "b", "Roles": [role]})
    (more,) = differences(desired=a_credential("s3cret", roles=2), live=a_run(before))
    assert more.path == "CredentialConfig.CredentialConfigItems[a].Roles"
    assert [len(more.before), len(more.after), "s3cret" in repr(more)] == [1, 2, False]


@pytest.mark.parametrize("detailed", [True, False])
def test_what_is_never_read_back_is_not_compared_even_where_an_answer_has_it(detailed):
    registry = {"Username": "me", "Password": "s3cret"}
    source = {"Uri": "oss://b.e/p/", "MountPath": "/a", "Options": "{}"}
    job = a_job(JobSpecs=[{**WORKER, "ImageConfig": registry}], DataSources=[source], SuccessPolicy="x")
    blanked = lacking(
        a_run(job, detailed=detailed),
        JobSpecs=[{**WORKER, "ImageConfig": {**registry, "Password": "******"}}],
        DataSources=[{**source, "Options": ""}],
        SuccessPolicy="",
    )
    assert shown(job, blanked) == {}


def test_lists_that_grow_or_shrink_show_whole_and_those_with_an_order_where_it_changes():
    before = a_run(a_job(ThirdpartyLibs=["a", "b"]))
    for libs in (["a"], ["a", "b", "c"], ["a", "b", "b"]):
        assert shown(a_job(ThirdpartyLibs=libs), before) == {"ThirdpartyLibs": (["a", "b"], libs)}
    assert shown(a_job(ThirdpartyLibs=["b", "a"]), before) == {}
    words, swapped = (
        a_job(
            JobSpecs=[{**WORKER, "ExtraPodSpec": {"Lifecycle": {"PreStop": {"Exec": {"Command": command}}}}}]
        )
        for command in (["a", "b"], ["b", "a"])
    )
    path = "JobSpecs[Worker].ExtraPodSpec.Lifecycle.PreStop.Exec.Command"
    assert shown(swapped, a_run(words)) == {path: (["a", "b"], ["b", "a"])}


def test_of_several_items_with_one_key_none_is_lost():
    pairs = [{"Key": "A", "Value": "1"}, {"Key": "A", "Value": "2"}, {"Key": "A #2", "Value": "3"}]
    job = a_job(CustomEnvs=pairs)
    assert shown(job, a_run(job)) == {}
    for number in range(3):
        other = [{**pair, "Value": "9"} if at == number else pair for at, pair in enumerate(pairs)]
        assert len(shown(job, lacking(a_run(job), CustomEnvs=other))) == 1
        fewer = [pair for at, pair in enumerate(pairs) if at != number]
        assert shown(job, lacking(a_run(job), CustomEnvs=fewer))


@pytest.mark.parametrize(
    "odd", [None, 1, "x", {}, {"a": 1}, [], [1], ["x"], [None], [[]], [{"Type": []}], True]
)
def test_an_odd_answer_is_a_difference_nothing_or_an_error_that_names_the_run(odd):
    def judge(job, **answered):
        try:
            return differences(desired=job, live=lacking(a_run(job), **answered)) is not None
        except ServiceError as error:
            return "dlc001" in error.message

    job = a_job(DataSources=[{"Uri": "oss://b.e/p/"}], CustomEnvs=[{"Key": "A", "Value": "1"}])
    for key in (
        "JobSpecs",
        "DataSources",
        "CustomEnvs",
        "Envs",
        "JobType",
        "UserCommand",
        "Priority",
        "UserVpc",
    ):
        assert judge(job, **{key: odd})
    role = {**WORKER, "PodCount": odd, "ResourceConfig": odd, "ExtraPodSpec": odd}
    roles = [role, {**role, "Type": "Master"}]
    assert judge(job, JobSpecs=roles)


@pytest.mark.parametrize(("sent", "answered"), [("2", 2), ("8.5", 8.5)])
def test_a_number_in_place_of_its_text_is_no_difference(sent, answered):
    def waiting_for(replicas):
        return a_job(JobSpecs=[{**WORKER, "StartupDependencies": [{"Type": "PS", "MinReplicas": replicas}]}])

    for one, other in ((sent, answered), (answered, sent)):
        assert (
            shown(waiting_for(one), a_run(waiting_for(one), JobSpecs=waiting_for(other).spec["JobSpecs"]))
            == {}
        )
    changed = shown(waiting_for(sent), a_run(waiting_for(sent), JobSpecs=waiting_for(7).spec["JobSpecs"]))
    assert changed == {"JobSpecs[Worker].StartupDependencies[PS].MinReplicas": (7, sent)}


def test_one_source_may_be_mounted_at_two_places():
    sources = [{"DataSourceId": "d-1", "MountPath": path} for path in ("/a", "/b")]
    job = a_job(DataSources=sources)
    assert shown(job, a_run(job)) == {}
    moved = a_job(DataSources=[sources[0], {**sources[1], "MountPath": "/c"}])
    assert shown(moved, a_run(job)) == {
        "DataSources[/b]": (sources[1], None),
        "DataSources[/c]": (None, {**sources[1], "MountPath": "/c"}),
    }


@pytest.mark.parametrize("source", [{"DataSourceId": "d-1"}, {"Uri": "oss://b.e/p/"}])
def test_a_source_without_a_mount_path_is_known_by_what_it_is(source):
    job = a_job(DataSources=[source])
    filled = lacking(a_run(job), DataSources=[{"MountPath": "/default", **source}])
    assert shown(job, filled) == {}
    (name,) = source.values()
    assert shown(job, a_run(a_job())) == {f"DataSources[{name}]": (None, source)}


def test_one_uri_among_several_sources_needs_the_detail():
    sources = [{"DataSourceId": "d-1"}, {"Uri": "oss://b.e/p/"}]
    assert needs_detail(desired=a_job(DataSources=sources), live=a_run(a_job()))


@pytest.mark.parametrize("empty", [None, [], [{}], [{"Key": None}]])
def test_an_empty_field_needs_no_detail(empty):
    assert not needs_detail(desired=a_job(CustomEnvs=empty), live=a_run(a_job()))


def test_a_listing_is_not_asked_for_what_only_getjob_shows():
    pairs = [{"Key": "A", "Value": "1"}]
    before, after = (a_job(UserCommand=text, CustomEnvs=pairs) for text in "ab")
    listed = lacking(a_run(before, detailed=False), "CustomEnvs")
    assert shown(after, listed) == {"UserCommand": ("a", "b")}
    assert "CustomEnvs[A]" in shown(after, replace(listed, detailed=True))


@pytest.mark.parametrize(("sent", "answered"), [("8192Mi", "8Gi"), ("8Gi", "8192Mi")])
def test_a_quantity_in_another_spelling_is_no_difference(sent, answered):
    def role(memory):
        return [{"Type": "Worker", "ResourceConfig": {"Memory": memory}}]

    job = a_job(JobSpecs=role(sent))
    assert shown(job, lacking(a_run(job), JobSpecs=role(answered))) == {}
    assert shown(job, lacking(a_run(job), JobSpecs=role("9Gi"))) == {
        "JobSpecs[Worker].ResourceConfig.Memory": ("9Gi", "8Gi")
    }


def tagged(run, **tags):
    return lacking(run, Settings={**run.body["Settings"], "Tags": {**run.tags, **tags}})


def test_tags_that_others_add_are_no_difference_and_those_that_they_change_are():
    job = a_job(Settings={"Tags": {"mine": "1"}}, labels={"team": "a"})
    assert shown(job, tagged(a_run(job), theirs="2")) == {}
    assert shown(job, tagged(a_run(job), mine="3")) == {"Settings.Tags.mine": ("3", "1")}


def test_with_another_spec_labels_show_as_the_tags_that_a_new_run_would_have():
    before, after = a_job(labels={"team": "a"}), a_job(labels={"team": "b"}, UserCommand="other")
    assert shown(after, a_run(before)) == {
        "Settings.Tags.team": ("a", "b"),
        "UserCommand": ("python train.py", "other"),
    }
    settings = a_job(labels={"team": "a"}, Settings={"EnableRDMA": True})
    assert shown(settings, a_run(before)) == {"Settings.EnableRDMA": (None, True)}
    own_tag = a_job(labels={"team": "b"}, Settings={"Tags": {"team": "tag"}})
    assert shown(own_tag, a_run(before)) == {"Settings.Tags.team": ("a", "tag")}


def test_marks_are_never_shown_as_tags():
    before, after = a_job(Settings={"Tags": {"x": "1"}}), a_job(Settings={"Tags": {"x": "2"}})
    assert shown(after, a_run(before)) == {"Settings.Tags.x": ("1", "2")}
    fewer = a_job(Settings={"Tags": {"y": "1"}})
    assert shown(fewer, a_run(before)) == {"Settings.Tags.y": (None, "1")}
    other = a_job(Settings={"Tags": {"y": "1"}}, UserCommand="other")
    assert shown(other, a_run(before)) == {
        "Settings.Tags.x": ("1", None),
        "Settings.Tags.y": (None, "1"),
        "UserCommand": ("python train.py", "other"),
    }


def test_a_variable_may_be_named_like_a_mark():
    before, after = a_job(Envs={"dlcapply-op": "1"}), a_job(Envs={"dlcapply-op": "2"})
    assert shown(after, a_run(before)) == {"Envs.dlcapply-op": ("1", "2")}


def test_a_value_that_moves_to_the_environment_is_not_shown():
    before = a_job(Envs={"FOO": "s3cret-1"}, CustomEnvs=[{"Key": "FOO", "Value": "s3cret-2"}])
    after = a_job(
        Envs=None, env_from=(EnvSource("FOO", "X"),), CustomEnvs=[{"Key": "FOO", "Value": "s3cret-3"}]
    )
    seen = differences(desired=after, live=a_run(before))
    assert [change.path for change in seen] == ["CustomEnvs[FOO].Value"]
    assert "s3cret" not in repr(seen)
    assert MASK in repr(seen)


def test_a_value_that_comes_back_from_the_environment_is_not_shown():
    before = a_run(a_job(env_from=(EnvSource("FOO", "X"),)), env={"FOO": "s3cret"})
    assert shown(a_job(Envs={"LR": "1e-4", "FOO": "plain"}), before) == {"Envs.FOO": (MASK, MASK)}
    assert shown(a_job(), before) == {"Envs.FOO": (MASK, None)}


def test_a_new_variable_from_the_environment_shows_as_such():
    after = a_job(env_from=(EnvSource("FOO", "X"),))
    assert shown(after, a_run(a_job())) == {"Envs.FOO": (None, FROM_ENVIRONMENT)}


def asked(desired, live):
    return {change.path: change.behaviour for change in differences(desired=desired, live=live)}


FOO, DOTTED = EnvSource("FOO", "X"), EnvSource("MY.VAR", "X")
MANY = tuple(EnvSource(f"VARIABLE_NUMBER_{number}", "X") for number in range(20))


def test_a_variable_from_the_environment_is_no_reason_for_a_new_run():
    plain, run = a_job(), a_run(a_job())
    ignored = Behaviour.IGNORED
    assert asked(a_job(env_from=(FOO, DOTTED)), run) == {"Envs.FOO": ignored, "Envs['MY.VAR']": ignored}
    assert asked(plain, a_run(a_job(env_from=(FOO,)), env={"FOO": "1"})) == {"Envs.FOO": ignored}
    both = a_run(a_job(Envs=None, env_from=(FOO, DOTTED)), env={"FOO": "1", "MY.VAR": "2"})
    assert asked(a_job(Envs=None, env_from=(DOTTED,)), both) == {"Envs.FOO": ignored}
    many = a_run(a_job(env_from=MANY), env={"VARIABLE_NUMBER_1": "1"})
    assert asked(plain, many) == {"Envs.VARIABLE_NUMBER_1": ignored}


def test_every_other_variable_is_one():
    plain, needs = a_job(), Behaviour.NEEDS_RUN
    from_environment = a_run(a_job(env_from=(FOO,)), env={"FOO": "1"})
    assert asked(plain, lacking(a_run(plain), Envs={"LR": "1e-4", "X": "1"})) == {"Envs.X": needs}
    assert asked(plain, lacking(a_run(a_job(env_from=MANY)), Envs={"LR": "other"})) == {"Envs.LR": needs}
    assert asked(a_job(Envs={"LR": "1e-4", "FOO": "2"}), from_environment) == {"Envs.FOO": needs}
    other = a_job(UserCommand="other")
    assert asked(other, from_environment) == {"Envs.FOO": needs, "UserCommand": needs}


def test_nobody_knows_who_changed_a_run_without_a_mark():
    bare = lacking(a_run(a_job(UserCommand="a")), Settings={})
    (change,) = differences(desired=a_job(UserCommand="b"), live=bare)
    assert change.kind is FieldKind.CHANGED


def test_a_difference_tells_who_made_it_and_what_pai_does_with_it():
    job, needs = a_job(UserCommand="a"), Behaviour.NEEDS_RUN
    (drift,) = differences(desired=job, live=a_run(job, UserCommand="b"))
    assert drift == FieldChange("UserCommand", FieldKind.DRIFTED, "b", "a", needs)
    (change,) = differences(desired=job, live=a_run(a_job(UserCommand="b")))
    assert change == FieldChange("UserCommand", FieldKind.CHANGED, "b", "a", needs)
    (words,) = differences(desired=a_job(Description="new"), live=a_run(a_job(Description="old")))
    assert words == FieldChange("Description", FieldKind.CHANGED, "old", "new", Behaviour.IN_PLACE)


def test_what_cannot_be_shown_is_named():
    before = a_run(a_job(SuccessPolicy="AllWorkers", ThirdpartyLibDir="/root"))
    body = lacking(before, "SuccessPolicy", "ThirdpartyLibDir")
    (removed,) = differences(desired=a_job(SuccessPolicy="AllWorkers"), live=body)
    assert (removed.path, removed.kind, removed.before) == ("spec", FieldKind.UNREADABLE, None)
    assert removed.behaviour is Behaviour.NEEDS_RUN
    assert "removed" in removed.after
    both = a_job(SuccessPolicy="ChiefWorker", Options="{}", ThirdpartyLibDir="/root")
    changes = differences(desired=both, live=body)
    assert [(change.path, change.kind) for change in changes if change.before is None] == [
        ("Options", FieldKind.UNREADABLE),
        ("SuccessPolicy", FieldKind.UNREADABLE),
        ("ThirdpartyLibDir", FieldKind.CHANGED),
    ]


def test_a_secret_is_not_named_among_what_may_have_changed_unseen():
    role = {**WORKER, "ImageConfig": {"Username": "me", "Password": "s3cret"}}
    before, after = (a_job(JobSpecs=[role], SuccessPolicy=text) for text in ("AllWorkers", "ChiefWorker"))
    (change,) = differences(desired=after, live=lacking(a_run(before), "SuccessPolicy"))
    assert (change.path, change.kind, change.before) == ("SuccessPolicy", FieldKind.UNREADABLE, None)
    assert change.behaviour is Behaviour.NEEDS_RUN
    assert "changed" in change.after


def test_a_change_in_place_beside_one_that_cannot_be_shown_names_both():
    before = a_run(a_job(ThirdpartyLibDir="/root", Description="old"))
    changes = differences(desired=a_job(Description="new"), live=before)
    assert [change.path for change in changes] == ["Description", "spec"]


SPOT = [{**WORKER, "UseSpotInstance": True, "SpotSpec": {"SpotStrategy": "SpotWithPriceLimit"}}]
BID = [{**SPOT[0], "SpotSpec": {**SPOT[0]["SpotSpec"], "SpotPriceLimit": 9}}]
RESERVED = {"JobReservedMinutes": 10, "Tags": {"team": "vision"}}


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        ({"JobMaxRunningTimeMinutes": 60}, {"JobMaxRunningTimeMinutes": None}, {"JobMaxRunningTimeMinutes"}),
        ({"Settings": RESERVED}, {}, {"Settings.JobReservedMinutes"}),
        ({"Settings": RESERVED}, {"Settings": {"EnableRDMA": True}}, {"Settings.JobReservedMinutes"}),
        ({"JobSpecs": BID}, {"JobSpecs": SPOT}, {"JobSpecs[Worker].SpotSpec.SpotPriceLimit"}),
    ],
)
def test_a_circumstance_that_is_not_set_any_more_shows(before, after, lost):
    found = differences(desired=a_job(**after), live=a_run(a_job(**before)))
    circumstances = [change for change in found if change.behaviour is Behaviour.CIRCUMSTANCE]
    assert {change.path for change in circumstances} == lost
    assert all(change.after is None and change.kind is FieldKind.CHANGED for change in circumstances)


def test_circumstances_that_the_service_fills_in_are_no_difference():
    filled = {"Settings": {"JobReservedMinutes": 0, "EnableSanityCheck": False}}
    run = a_run(a_job())
    settings = {**run.body["Settings"], **filled["Settings"]}
    assert shown(a_job(), lacking(run, Settings=settings)) == {}


def test_a_circumstance_that_no_answer_shows_is_named():
    (change,) = differences(
        desired=a_job(JobMaxRunningTimeMinutes=None),
        live=lacking(a_run(a_job()), "JobMaxRunningTimeMinutes"),
    )
    assert (change.kind, change.behaviour) == (FieldKind.UNREADABLE, Behaviour.CIRCUMSTANCE)
    assert change.after == "a field that changes no result was removed, or can't be read"
