from __future__ import annotations

from copy import deepcopy

import pytest
from jsonschema import Draft202012Validator


@pytest.fixture
def manifest(schemas):
    return deepcopy(schemas["job"]["examples"][0])


@pytest.fixture
def role(manifest):
    return manifest["spec"]["JobSpecs"][0]


@pytest.mark.parametrize("name", ["job", "base", "project"])
def test_the_schema_is_one_of_2020_12(schemas, name):
    assert schemas[name]["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schemas[name])


@pytest.mark.parametrize("name", ["job", "project"])
def test_every_key_is_described(schemas, name):
    defs = schemas[name]["$defs"]
    bare = [
        f"{title}.{key}"
        for title, struct in [*defs.items(), ("root", schemas[name])]
        if title != "Complete"
        for key, schema in struct.get("properties", {}).items()
        if not description(schema, defs) and (title, key) != ("root", "metadata")
    ]
    assert bare == []


def description(schema, defs):
    target = defs[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else {}
    return schema.get("description") or target.get("description")


@pytest.mark.parametrize("name", ["job", "project"])
def test_every_example_is_valid_where_it_stands(schemas, name):
    whole = schemas[name]
    with_examples = [schema for schema in subschemas(whole) if "examples" in schema]
    invalid = [
        (example, error.message)
        for schema in with_examples
        for example in schema["examples"]
        for error in Draft202012Validator({**schema, "$defs": whole["$defs"]}).iter_errors(example)
    ]
    assert len(with_examples) > 20
    assert invalid == []


def subschemas(value):
    """Every schema with examples; examples themselves are not looked into."""
    if isinstance(value, dict):
        if isinstance(value.get("examples"), list):
            yield value
        for key, inner in value.items():
            if key != "examples":
                yield from subschemas(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from subschemas(inner)


def test_every_struct_is_closed(schemas):
    open_structs = [
        name
        for name, struct in schemas["job"]["$defs"].items()
        if "properties" in struct and struct.get("additionalProperties") is not False
    ]
    assert open_structs == ["Complete"]


def test_deprecated_keys_say_so(schemas):
    defs = schemas["job"]["$defs"]
    spec, role = defs["Spec"]["properties"], defs["JobSpec"]["properties"]
    keys = [role["UseSpotInstance"], role["IsCheif"], spec["DebuggerConfigContent"], defs["ElasticSpec"]]
    assert all(key["deprecated"] and key["description"].startswith("Deprecated") for key in keys)


def test_the_example_is_a_whole_manifest(manifest, problems):
    assert problems(manifest) == []


@pytest.mark.parametrize("key", ["JobType", "JobSpecs", "UserCommand"])
def test_a_composed_manifest_needs_what_create_job_needs(manifest, problems, key):
    del manifest["spec"][key]
    assert problems(manifest) == ["$.spec required"]


def test_a_manifest_needs_a_name_and_a_spec(manifest, problems):
    del manifest["metadata"]["name"]
    del manifest["spec"]
    assert problems(manifest) == ["$ required", "$.metadata required"]


def test_a_manifest_with_a_parent_may_leave_out_what_the_parent_holds(problems):
    partial = {
        "apiVersion": "dlcapply/v1",
        "kind": "Job",
        "metadata": {"name": "child"},
        "extends": "../bases/parent.yaml",
        "spec": {"JobSpecs": [{"Type": "Worker", "PodCount": 4}]},
    }
    assert problems(partial) == []
    assert problems({**partial, "extends": None}) == [
        "$.spec required",
        "$.spec required",
        "$.spec.JobSpecs[0] oneOf",
        "$.spec.JobSpecs[0] required",
    ]
    assert problems({**partial, "metadata": {}}) == ["$.metadata required"]


def test_a_base_is_a_manifest_in_part_without_a_parent(problems):
    base = {"apiVersion": "dlcapply/v1", "kind": "Job", "spec": {"JobType": "PyTorchJob"}}
    assert problems(base, "base") == []
    assert problems({**base, "extends": "other.yaml"}, "base") == ["$ false"]
    assert problems({**base, "spec": {"jobType": "PyTorchJob"}}, "base") == ["$.spec additionalProperties"]


def test_a_role_has_exactly_one_of_ecs_spec_and_resource_config(role, manifest, problems):
    role["ResourceConfig"] = {"CPU": "8"}
    assert problems(manifest) == ["$.spec.JobSpecs[0] oneOf"]
    del role["EcsSpec"]
    assert problems(manifest) == []
    del role["ResourceConfig"]
    assert problems(manifest) == ["$.spec.JobSpecs[0] oneOf"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"Uri": "oss://bucket/folder/"}, []),
        ({"DataSourceId": "d-1"}, []),
        ({"MountPath": "/mnt"}, ["$.spec.DataSources[0] oneOf"]),
        ({"Uri": "oss://bucket/", "DataSourceId": "d-1"}, ["$.spec.DataSources[0] oneOf"]),
    ],
)
def test_a_data_source_has_exactly_one_of_uri_and_id(manifest, problems, source, expected):
    manifest["spec"]["DataSources"] = [source]
    assert problems(manifest) == expected


def test_spot_limits_and_port_settings_exclude_each_other(role, manifest, problems):
    role["SpotSpec"] = {"SpotDiscountLimit": 0.8, "SpotPriceLimit": 0.5}
    manifest["spec"]["Settings"] = {"AdvancedSettings": {"customPortList": "1", "customPortNumPerWorker": 1}}
    assert problems(manifest) == [
        "$.spec.JobSpecs[0].SpotSpec not",
        "$.spec.Settings.AdvancedSettings not",
    ]


def test_a_block_device_is_mounted_below_dev(role, manifest, problems):
    role["LocalMountSpecs"] = [{"MountMode": "Block", "MountPath": "/mnt/ssd"}]
    assert problems(manifest) == ["$.spec.JobSpecs[0].LocalMountSpecs[0].MountPath pattern"]
    role["LocalMountSpecs"] = [{"MountMode": "Block", "MountPath": "/dev/nvme"}, {"MountPath": "/mnt/ssd"}]
    assert problems(manifest) == []


def test_resource_estimation_needs_a_distributed_configuration(manifest, problems):
    config = {"EnableResourceEstimation": True, "CommandType": "shell", "ExecutionMode": "distributed"}
    manifest["spec"]["Settings"] = {"DataJuicerConfig": config}
    assert problems(manifest) == ["$.spec.Settings.DataJuicerConfig.CommandType const"]
    config["EnableResourceEstimation"] = False
    assert problems(manifest) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Priority": 0}, "$.spec.Priority minimum"),
        ({"Priority": 10}, "$.spec.Priority maximum"),
        ({"Priority": "5"}, "$.spec.Priority type"),
        ({"JobMaxRunningTimeMinutes": 0}, "$.spec.JobMaxRunningTimeMinutes minimum"),
        ({"JobType": "pytorchjob"}, "$.spec.JobType enum"),
        ({"Accessibility": "public"}, "$.spec.Accessibility enum"),
        ({"WorkspaceId": 268}, "$.spec.WorkspaceId type"),
        ({"DisplayName": "a b"}, "$.spec.DisplayName pattern"),
        ({"Envs": {"LEVEL": 3}}, "$.spec.Envs.LEVEL type"),
        ({"Envs": {"1ST": "x"}}, "$.spec.Envs pattern"),
        ({"JobSpecs": []}, "$.spec.JobSpecs minItems"),
        ({"UserVpc": {"ExtendedCidrs": []}}, "$.spec.UserVpc additionalProperties"),
        ({"Settings": {"EnableRDMA": "true"}}, "$.spec.Settings.EnableRDMA type"),
        ({"DataSources": [{"Uri": "/mnt/data"}]}, "$.spec.DataSources[0].Uri pattern"),
    ],
)
def test_wrong_values_are_refused_where_they_stand(manifest, problems, changes, expected):
    manifest["spec"] |= changes
    assert problems(manifest) == [expected]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"PodCount": 0}, "PodCount minimum"),
        ({"PodCount": 1.5}, "PodCount type"),
        ({"Image": "two words"}, "Image pattern"),
        ({"ServiceSpec": {"DefaultPort": 70000}}, "ServiceSpec.DefaultPort maximum"),
        ({"type": "Worker"}, None),
    ],
)
def test_wrong_roles_are_refused_where_they_stand(role, manifest, problems, changes, expected):
    role |= changes
    found = f"$.spec.JobSpecs[0].{expected}" if expected else "$.spec.JobSpecs[0] additionalProperties"
    assert problems(manifest) == [found]


@pytest.mark.parametrize(
    ("key", "value", "keyword"),
    [
        ("Memory", "10Gi", None),
        ("Memory", "1.5Ti", None),
        ("Memory", "10 Gi", "pattern"),
        ("Memory", "10GB", "pattern"),
        ("Memory", 10, "type"),
        ("SharedMemory", "5Gi", None),
        ("CPU", "10", None),
        ("CPU", 10, "type"),
        ("GPU", "eight", "pattern"),
    ],
)
def test_resources_are_quantities_in_strings(role, manifest, problems, key, value, keyword):
    del role["EcsSpec"]
    role["ResourceConfig"] = {key: value}
    assert problems(manifest) == ([f"$.spec.JobSpecs[0].ResourceConfig.{key} {keyword}"] if keyword else [])


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ({"state": "stopped", "token": "2026-05/a", "retries": 10, "protect": True}, []),
        ({"rerunOn": "token", "onChange": "wait", "notAfter": "2026-12-31T08:00:00+08:00"}, []),
        ({"state": "absent"}, ["$.run.state enum"]),
        ({"token": ""}, ["$.run.token pattern"]),
        ({"token": "x" * 129}, ["$.run.token pattern"]),
        ({"token": "a b"}, ["$.run.token pattern"]),
        ({"token": 1}, ["$.run.token type"]),
        ({"retries": 11}, ["$.run.retries maximum"]),
        ({"notAfter": "2026-12-31T08:00:00"}, ["$.run.notAfter format"]),
        ({"notAfter": "tomorrow"}, ["$.run.notAfter format"]),
        ({"onchange": "wait"}, ["$.run additionalProperties"]),
    ],
)
def test_run_rules(manifest, problems, run, expected):
    assert problems({**manifest, "run": run}) == expected


@pytest.mark.parametrize("name", ["", "a" * 257, "a b", "résumé", "a\n", "a/b"])
def test_names_that_are_no_names(manifest, problems, name):
    manifest["metadata"]["name"] = name
    found = problems(manifest)
    assert found
    assert set(found) <= {"$.metadata.name pattern", "$.metadata.name not"}


@pytest.mark.parametrize(
    "key", ["aliyun-team", "acs:team", "dlcapply-owner", "see-https://example.com", "k" * 129, ""]
)
def test_labels_can_be_tags(manifest, problems, key):
    manifest["metadata"]["labels"] = {key: "x"}
    assert {line.split()[0] for line in problems(manifest)} == {"$.metadata.labels"}


def test_label_values_are_strings(manifest, problems):
    manifest["metadata"]["labels"] = {"team": "vision", "tier": 1}
    assert problems(manifest) == ["$.metadata.labels.tier type"]


def test_variables_from_the_environment(manifest, problems):
    manifest["envFrom"] = [{"name": "KEY", "fromEnv": "CI_KEY"}]
    assert problems(manifest) == []
    manifest["envFrom"] = [{"name": "KEY", "fromEnv": "CI_KEY", "allowEmpty": True}]
    assert problems(manifest) == []
    manifest["envFrom"] = [{"name": "KEY", "fromEnv": "CI_KEY", "allowEmpty": "yes"}]
    assert problems(manifest) == ["$.envFrom[0].allowEmpty type"]
    manifest["envFrom"] = [{"name": "KEY"}, {"name": "A-B", "fromEnv": "X"}]
    assert problems(manifest) == ["$.envFrom[0] required", "$.envFrom[1].name pattern"]


def test_variables_may_stand_for_values_before_substitution(role, manifest, problems):
    variable = "${{ var.x }}"
    role |= {"PodCount": variable, "Image": f"registry/{variable}:1", "RestartPolicy": variable}
    manifest["spec"] |= {"Priority": variable, "Settings": {"EnableRDMA": variable}}
    manifest["spec"]["DataSources"] = [{"Uri": f"{variable}/data/"}]
    manifest["metadata"]["name"] = f"train-{variable}"
    manifest["run"] = {"retries": variable, "token": variable}
    assert problems(manifest) == []


@pytest.mark.parametrize("text", ["${{ var.x }} pods", "${{ x }}", "${{ var.1 }}", "$var.x"])
def test_only_a_whole_variable_stands_for_a_number(role, manifest, problems, text):
    role["PodCount"] = text
    assert problems(manifest) == ["$.spec.JobSpecs[0].PodCount type"]


@pytest.mark.parametrize(
    ("waiver", "expected"),
    [
        ({"rule": "image-tag-latest", "reason": "The nightly build moves it"}, []),
        ({"rule": "image-tag-latest"}, ["$.waivers[0] required"]),
        ({"rule": "image-tag-latest", "reason": "because"}, ["$.waivers[0].reason minLength"]),
        ({"rule": "", "reason": "The nightly build moves it"}, ["$.waivers[0].rule minLength"]),
    ],
)
def test_a_waiver_names_its_rule_and_its_reason(manifest, problems, waiver, expected):
    assert problems({**manifest, "waivers": [waiver]}) == expected


def test_passthrough_takes_dotted_paths(manifest, problems):
    manifest["passthrough"] = ["Settings.QuotaInstanceTypes", "JobSpecs[].NewKey"]
    assert problems(manifest) == []
    manifest["passthrough"] = ["Settings.", "$.Settings"]
    assert problems(manifest) == ["$.passthrough[0] pattern", "$.passthrough[1] pattern"]
