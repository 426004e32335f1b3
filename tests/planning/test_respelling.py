"""Over every leaf of the schema: what only reorders, respells, fills or leaves out is no difference."""

from __future__ import annotations

import copy
from dataclasses import replace
from fractions import Fraction

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlcapply.manifest.schema.shipped import JOB, shipped
from dlcapply.model.plans import Action
from dlcapply.pai import KEYED_LISTS
from dlcapply.planning.diff import differences
from dlcapply.planning.fields import FIELDS, OPEN_MAPS, SETS, Read, field_path
from dlcapply.planning.fingerprints import fingerprint, fingerprints
from dlcapply.planning.quantities import canonical_quantity
from tests.builders import a_job, a_run, only_change

SPEC = shipped(JOB)["allOf"][0]["properties"]["spec"]
QUANTITIES = {path for path, field in FIELDS.items() if field.canonical is canonical_quantity}
NAMES = {path for path, field in FIELDS.items() if field.canonical and path not in QUANTITIES}
# Keys of the job itself, and what the answer does not show as it was sent.
ELSEWHERE = {"DisplayName", "WorkspaceId", "ElasticSpec", "Settings.Tags"}

UNITS = {
    "m": Fraction(1, 1000),
    "": Fraction(1),
    "k": 1000,
    "Ki": 1024,
    "Mi": 2**20,
    "Gi": 2**30,
    "Ti": 2**40,
}
amounts = st.builds(
    lambda number, unit: f"{number}{unit}",
    st.integers(0, 4096) | st.decimals(0, 64, places=2),
    st.sampled_from(["", "Mi", "Gi", "k", "M"]),
)
texts = st.sampled_from(["a", "b", "c", "/mnt/a", "x y", "1", "8Gi", "true"])


def properties(schema):
    found = dict(schema.get("properties", {}))
    for part in schema.get("allOf", ()):
        found |= properties(part)
    return found


def kind_of(schema):
    kinds = [schema.get("type"), *(kind_of(part) for part in schema.get("allOf", ()))]
    return next(filter(None, kinds), None)


def values(schema, path):
    """Values of the schema's form at the path."""
    match kind_of(schema):
        case "object" if properties(schema):
            inner = {
                key: values(below, field_path(path, key))
                for key, below in properties(schema).items()
                if f"{path}.{key}".lstrip(".") not in ELSEWHERE
            }
            keys = sorted(inner)
            return st.sets(st.sampled_from(keys), max_size=4).flatmap(
                lambda chosen: st.fixed_dictionaries({key: inner[key] for key in sorted(chosen)})
            )
        case "object":
            return st.dictionaries(
                st.sampled_from(["A", "B", "cpu", "nvidia.com/gpu"]), leaf("string", f"{path}.*")
            )
        case "array":
            return lists(schema["items"], path)
        case kind:
            return leaf(kind, path)


def lists(schema, path):
    items = values(schema, f"{path}[]")
    if path not in KEYED_LISTS:
        return st.lists(items, max_size=3)
    key = KEYED_LISTS[path][0]
    names = st.lists(st.sampled_from(["Master", "Worker", "PS", "B #2", "/m"]), unique=True, max_size=3)
    return names.flatmap(
        lambda chosen: st.tuples(*(items.map(lambda item, name=name: {**item, key: name}) for name in chosen))
    ).map(list)


def leaf(kind, path):
    if path in QUANTITIES:
        return amounts
    if path in NAMES:
        return st.lists(st.sampled_from(["n1", "n2", "n3"]), min_size=1, max_size=3).map(",".join)
    match kind:
        case "integer":
            return st.integers(0, 9)
        case "number":
            return st.sampled_from([0.25, 2.0, 3])
        case "boolean":
            return st.booleans()
    return texts


specs = values(SPEC, "")


def respelt_amount(draw, text):
    """The amount in another unit, as far as digits allow, or as an exponent, or as a number."""
    number = text.rstrip("kKMGTPEi")
    size = Fraction(number) * {"M": 10**6, **UNITS}[text.removeprefix(number)]
    ways = [text, f"+{text}", f" {text}"]
    ways += [f"{size / factor}{unit}" for unit, factor in UNITS.items() if (size / factor).denominator == 1]
    if size.denominator == 1:
        ways += [f"{size}e0", f"{size}0E-1", f"{size}.", f"{size}.0", int(size), float(size)]
    return draw(st.sampled_from(ways))


def respelt(draw, value, path, *, answer):
    """The value as another author might write it or, in an `answer`, as a service might."""
    match value:
        case dict():
            return struct(draw, value, path, answer=answer)
        case list():
            items = [respelt(draw, item, f"{path}[]", answer=answer) for item in value]
            return draw(st.permutations(items)) if path in KEYED_LISTS or path in SETS else items
        case str() if path in QUANTITIES:
            return respelt_amount(draw, value)
        case str() if path in NAMES:
            return draw(st.sampled_from([" , ", ","])).join(draw(st.permutations(value.split(","))))
        case int() if not isinstance(value, bool):
            return draw(st.sampled_from([value, float(value)]))
    return value


def struct(draw, value, path, *, answer):
    pairs = {}
    for key in draw(st.permutations(sorted(value))):
        inner = field_path(path, key)
        if answer and inner in FIELDS and FIELDS[inner].read is Read.NEVER:
            continue
        name = "ExtendedCidrs" if answer and key == "ExtendedCIDRs" else key
        pairs[name] = respelt(draw, value[key], inner, answer=answer)
    is_open = path in OPEN_MAPS or f"{path}.*" in FIELDS
    if answer and path and not is_open and draw(st.booleans()):
        pairs |= {"Shiny": [1], "Nothing": None, "Empty": {}}
    return pairs


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(specs, st.data())
def test_an_answer_in_other_words_is_no_difference(spec, data):
    job = a_job(**spec)
    run = a_run(job)
    answer = respelt(data.draw, copy.deepcopy(dict(run.body)), "", answer=True)
    seen = replace(run, body={**answer, "Settings": {**answer.get("Settings", {}), "Tags": dict(run.tags)}})
    assert differences(desired=job, live=seen) == ()
    assert only_change(job, live=(seen,)).action is Action.UNCHANGED


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(specs, st.data())
def test_a_manifest_in_other_words_asks_for_nothing_new(spec, data):
    job = a_job(**spec)
    other = a_job(**respelt(data.draw, copy.deepcopy(spec), "", answer=False))
    assert fingerprint(other) == fingerprint(job)
    assert fingerprints(other).hidden == fingerprints(job).hidden
    assert fingerprints(other).around == fingerprints(job).around
    assert only_change(other, live=(a_run(job, "Succeeded"),)).action is Action.UNCHANGED
    assert only_change(other, live=(a_run(job),)).action is Action.UNCHANGED
