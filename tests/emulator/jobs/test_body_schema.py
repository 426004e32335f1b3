"""The emulator's table of CreateJob knows what the SDK knows."""

from alibabacloud_pai_dlc20201203.models import CreateJobRequest

from dlcapply.emulator.jobs.body_schema import ANY, BODY, CHOICES, RANGES
from tests.schemas.test_sdk_coverage import sdk_leaves

NAMES = {str: "string", int: "integer", float: "number", bool: "boolean"}


def leaves(shape, path=""):
    """(path, JSON type) of every leaf of a shape."""
    match shape:
        case dict():
            for key, inner in shape.items():
                yield from leaves(inner, f"{path}.{key}".lstrip("."))
        case list():
            yield from leaves(shape[0], f"{path}[]")
        case _:
            yield path, "any" if shape is ANY else NAMES[shape]


def test_every_key_of_the_sdk_with_its_type():
    assert sorted(leaves(BODY)) == sorted(sdk_leaves(CreateJobRequest))


def test_every_choice_and_range_is_that_of_a_key():
    paths = {path.replace("[]", "") for path, _ in leaves(BODY)}

    assert CHOICES.keys() | RANGES.keys() <= paths
