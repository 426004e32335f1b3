"""`plan --out`, `show`, `apply --plan`: what was reviewed is applied, or nothing."""

import json
import os
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from dlcapply.cli.main import main
from dlcapply.cli.shell import Shell
from dlcapply.emulator import Emulator
from dlcapply.planning.digest import document_hash
from tests.cli.started import ended

SCHEMA = Path(__file__).parents[2] / "schemas/saved-plan.v2.schema.json"


@pytest.fixture
def saved(project):
    """A project with one job, and its saved plan."""
    project.job("train")
    assert project.run("plan", "--out", "p.json").code == 0
    return project


def edit(change, file="p.json", *, forged=False):
    """The file with a change in it; a forger makes its hash anew."""
    document = json.loads(Path(file).read_text("utf-8"))
    change(document)
    if forged:
        content = {key: value for key, value in document.items() if key != "hash"}
        document["hash"] = document_hash(content)
    Path(file).write_text(json.dumps(document), "utf-8")


def test_a_saved_plan_is_applied_once(saved):
    first = saved.run("apply", "--plan", "p.json", "--yes")
    again = saved.run("apply", "--plan", "p.json", "--yes")

    assert (first.code, again.code) == (0, 6)
    assert saved.writes == ["CreateJob"]
    assert "approved  + create" in again.err
    assert "now       nothing" in again.err
    assert "nothing was written" in again.err


def test_the_plan_names_the_command_that_applies_it(saved):
    printed = saved.run("plan", "--out", "p.json")

    assert "  dlcapply apply --plan p.json --yes" in printed.out


def test_a_plan_of_no_changes_is_applied_as_often_as_one_likes(saved):
    saved.run("apply", "--yes")
    saved.run("plan", "--out", "p.json")

    assert [saved.run("apply", "--plan", "p.json", "--yes").code for _ in range(2)] == [0, 0]
    assert saved.writes == ["CreateJob"]


def test_show_prints_the_plan_without_asking_the_service(saved):
    seen = len(saved.emulator.requests)
    shown, document = saved.run("show", "p.json"), saved.run("show", "p.json", "-o", "json")

    assert "Saved at 2026-11-23 00:00 UTC, may be applied until 2026-11-24 00:00 UTC." in shown.out
    assert "+ train" in shown.out
    assert "dlcapply apply --plan p.json --yes" in shown.out
    assert json.loads(document.out) == json.loads(Path("p.json").read_text("utf-8"))
    assert len(saved.emulator.requests) == seen


def test_the_file_is_as_its_schema_says(saved):
    schema, document = json.loads(SCHEMA.read_text("utf-8")), json.loads(Path("p.json").read_text("utf-8"))

    assert list(Draft202012Validator(schema).iter_errors(document)) == []
    assert saved.run("schema", "saved-plan").out == SCHEMA.read_text("utf-8")


def test_a_changed_manifest_is_another_plan_and_the_difference_is_shown(saved):
    saved.run("apply", "--yes")
    saved.job("train", "JobMaxRunningTimeMinutes: 60", "Description: one\n  JobMaxRunningTimeMinutes: 60")
    saved.run("plan", "--out", "p.json")
    saved.job("train", "JobMaxRunningTimeMinutes: 60", "Description: two\n  JobMaxRunningTimeMinutes: 60")
    saved.job("other")
    (job_id,) = (job["JobId"] for job in saved.emulator.jobs())
    saved.emulator.turn(5)
    stale = saved.run("apply", "--plan", "p.json", "--yes")

    assert stale.code == 6
    assert saved.writes == ["CreateJob"]
    assert [" ".join(line.split()) for line in stale.err.splitlines()[1:7]] == [
        *("other", "approved nothing", "now + create"),
        *("train", f"approved ~ update {job_id} (EnvPreparing): Description"),
        f"now ~ update {job_id} (Running): Description",
    ]


def test_an_expired_plan_is_refused(saved):
    saved.run("plan", "--out", "p.json", "--expires", "60s")
    saved.emulator.turn(59)
    assert "may be applied" in saved.run("show", "p.json").out
    saved.emulator.turn(1)
    late, shown = saved.run("apply", "--plan", "p.json", "--yes"), saved.run("show", "p.json")

    assert (late.code, saved.writes) == (6, [])
    assert "expired at 2026-11-23 00:01 UTC" in late.err
    assert "expired at" in shown.out
    assert "dlcapply apply" not in shown.out


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda it: it.update(format_version=1), "format_version 1, and this dlcapply reads 2"),
        (lambda it: it.update(format_version=True), "format_version"),
        (lambda it: it["plan"]["changes"][0]["terms"].update(retries=9), "edited"),
        (lambda it: it["plan"]["changes"][0].update(digest="0" * 64), "edited"),
        (lambda it: it.update(kind="Plan"), "kind"),
        (lambda it: it.update(extra=1), "extra"),
        (lambda it: it["plan"]["changes"][0].update(force=True), "force"),
        (lambda it: it["plan"]["scope"].update(force=True), "force"),
        (lambda it: it["request"].update(yes=True), "yes"),
        (lambda it: it["plan"]["changes"][0].update(action="explode"), "explode"),
        (lambda it: it.pop("expires"), "expires"),
        (lambda it: it["plan"]["changes"][0].update(op="0" * 64), "edited"),
        (lambda it: it["plan"]["changes"].clear(), "edited"),
        (lambda it: it["plan"]["scope"].update(prune=True), "edited"),
        (lambda it: it["plan"]["scope"].update(endpoint="http://127.0.0.1:1"), "edited"),
        (lambda it: it.update(expires="2099-01-01T00:00:00+00:00"), "edited"),
        (lambda it: it["request"].update(paths=["elsewhere"]), "edited"),
        (lambda it: it["plan"]["changes"][0]["reason"].update(text="harmless"), "edited"),
        (lambda it: it["plan"]["changes"][0]["spend"].update(hours=0.5), "edited"),
        (lambda it: it["plan"]["findings"].clear() or it["plan"]["census"].update(jobs=7), "edited"),
        (lambda it: it.update(hash="0" * 64), "edited"),
        (lambda it: it.update(hash=""), "edited"),
        (lambda it: it.pop("hash"), "hash"),
    ],
)
def test_what_is_not_known_or_was_edited_is_refused(saved, change, words):
    edit(change)
    for command in (("show", "p.json"), ("apply", "--plan", "p.json", "--yes")):
        printed = saved.run(*command)
        assert printed.code == 1
        assert words in printed.err
        assert "dlcapply plan --out" in printed.err
    assert saved.writes == []


@pytest.mark.parametrize(
    "change",
    [
        lambda it: it["plan"]["summary"].update(create=0),
        lambda it: it.update(created="2026-11-23T08:00:00+08:00"),
        lambda it: it.update(expires="2026-11-24T00:00:00.5+00:00"),
        lambda it: it.update(expires="0001-01-01T00:00:00+14:00"),
        lambda it: it["plan"].update(digest="0" * 64),
        lambda it: it["plan"]["scope"].update(endpoint="http://127.0.0.1:1"),
    ],
)
def test_a_plan_whose_hash_was_made_anew_still_says_nothing_twice(saved, change):
    edit(change, forged=True)
    for command in (("show", "p.json"), ("apply", "--plan", "p.json", "--yes")):
        printed = saved.run(*command)
        assert (printed.code, "edited" in printed.err) == (1, True)
    assert saved.writes == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"expires":', '"expires": "2099-01-01T00:00:00+00:00", "expires":'),
        ('"hours":', '"hours": 0.5, "hours":'),
        ('"given": []', '"given": [], "given": []'),
    ],
)
def test_a_key_that_stands_twice_is_refused(saved, old, new):
    text = Path("p.json").read_text("utf-8")
    assert old in text
    Path("p.json").write_text(text.replace(old, new), "utf-8")
    printed = saved.run("apply", "--plan", "p.json", "--yes")
    assert (printed.code, "twice" in printed.err, saved.writes) == (1, True, [])


def test_the_same_document_in_another_form_is_the_same_plan(saved):
    document = json.loads(Path("p.json").read_text("utf-8"))
    Path("p.json").write_text(json.dumps(dict(reversed(document.items())), ensure_ascii=True), "utf-8")
    assert saved.run("apply", "--plan", "p.json", "--yes").code == 0
    assert saved.writes == ["CreateJob"]


def test_a_plan_goes_nowhere_else_than_it_says(saved):
    """The project leads to another service since: nothing is sent there, not even a question."""
    with Emulator() as other:
        text = Path("dlcapply.yaml").read_text("utf-8")
        Path("dlcapply.yaml").write_text(text.replace(saved.emulator.endpoint, other.endpoint), "utf-8")
        seen = len(saved.emulator.requests)
        printed = saved.run("apply", "--plan", "p.json", "--yes")
        assert (printed.code, other.requests, len(saved.emulator.requests)) == (6, (), seen)
    assert f"for the endpoint http://{saved.emulator.endpoint}" in printed.err
    assert "nothing was asked or written" in printed.err


def test_a_plan_is_for_one_repository(saved):
    text = Path("dlcapply.yaml").read_text("utf-8")
    Path("dlcapply.yaml").write_text(
        text.replace("{name: vision}", "{name: vision, origin: host/a}"), "utf-8"
    )
    printed = saved.run("apply", "--plan", "p.json", "--yes")
    assert (printed.code, saved.writes) == (6, [])
    assert "origin" in printed.err


def test_an_endpoint_that_was_typed_holds_at_apply(saved):
    with Emulator() as other:
        where = ["--endpoint", f"http://{other.endpoint}", "-e", "local"]
        assert saved.run("plan", *where, "--out", "p.json").code == 0
        assert saved.run("apply", "--plan", "p.json", "--yes").code == 0
        assert [job["DisplayName"] for job in other.jobs()] == ["train"]
    assert saved.writes == []


def test_without_a_project_the_plan_says_where_it_goes(saved):
    Path("dlcapply.yaml").unlink()
    where = ["--region", "cn-hangzhou", "--workspace", "1001", "--owner", "me"]
    endpoint = ["--endpoint", f"http://{saved.emulator.endpoint}"]
    assert saved.run("plan", "jobs", *where, *endpoint, "--out", "p.json").code == 0
    assert saved.run("apply", "--plan", "p.json", "--yes").code == 0
    assert saved.writes == ["CreateJob"]


def test_consents_travel_in_the_plan(saved):
    saved.run("apply", "--yes")
    saved.emulator.turn(5)
    saved.job("train", "train.py", "other.py", more="run: {onChange: replace}\n")
    saved.run("plan", "--allow-replace", "train", "--out", "p.json")
    assert saved.run("apply", "--plan", "p.json", "--yes").code == 0
    assert saved.writes == ["CreateJob", "StopJob", "CreateJob"]


def test_what_a_forged_plan_says_reaches_no_terminal(saved):
    escape = "\x1b[2J\x9b31m\u202e"

    def poison(it):
        change = it["plan"]["changes"][0]
        it["request"]["variables"] = [f"x{escape}"]
        it["request"]["paths"] = [escape]
        change["reason"]["text"] = change["spend"]["unpriced"][:] or escape
        change["source"]["file"] = it["plan"]["environment"]["name"] = it["plan"]["census"]["since"] = escape
        finding = dict.fromkeys(("rule", "message", "hint", "file", "path"), escape)
        it["plan"]["findings"] = [finding | {"level": "warning", "line": 1, "column": 1}]
        it["plan"]["summary"] = {**it["plan"]["summary"]}

    edit(poison, forged=True)
    shown = [
        saved.run("show", "p.json", *more) for more in ([], ["--full"], ["-o", "json"], ["--color", "always"])
    ]
    assert [printed.code for printed in shown] == [0, 0, 0, 0]
    assert not any(
        char in one.out + one.err for one in shown[:3] for char in escape if not char.isprintable()
    )
    assert "\x9b" not in shown[3].out
    assert "\x1b[2J" not in shown[3].out
    edit(lambda it: it.update(kind=f"{escape}{'x' * 9999}"), forged=True)
    refused = saved.run("show", "p.json")
    assert (refused.code, "\x1b" in refused.err, len(refused.err) < 500) == (1, False, True)


@pytest.mark.parametrize("depth", [100, 900, 950, 990])
def test_a_deep_value_traces_nothing_back(saved, depth):
    deep = "[" * depth + "]" * depth
    field = f'{{"path": "x", "kind": "changed", "before": {deep}, "after": null, "behaviour": "in place"}}'
    text = Path("p.json").read_text("utf-8").replace('"fields": []', f'"fields": [{field}]')
    assert deep in text
    Path("p.json").write_text(text, "utf-8")
    assert saved.run("show", "p.json").code == 1


@pytest.mark.parametrize("text", ["", "{", "[]", "1", "NaN", '{"a": NaN}', "[" * 100_000])
def test_what_is_no_plan_is_refused_in_one_line(project, text):
    Path("p.json").write_text(text, "utf-8")
    printed = project.run("show", "p.json")

    assert (printed.code, printed.out) == (1, "")
    assert "p.json is not a saved plan" in printed.err


@given(data=st.binary(max_size=40))
def test_no_bytes_trace_back(tmp_path_factory, data):
    file = tmp_path_factory.mktemp("p") / "p.json"
    file.write_bytes(data)

    assert main(["show", str(file)], shell=Shell({}, None)) == 1


def test_a_plan_that_can_not_be_read_or_written(saved):
    assert "none.json can't be read: No such file" in saved.run("show", "none.json").err
    printed = saved.run("plan", "--out", "no/such/p.json")

    assert printed.code == 1
    assert "no/such/p.json: can't be written" in printed.err


@pytest.mark.parametrize(
    "more", [["jobs"], ["-e", "local"], ["--prune"], ["--select", "a"], ["--allow-replace", "train"]]
)
def test_other_options_beside_a_plan_are_wrong_usage(saved, more):
    assert saved.run("apply", "--plan", "p.json", "--yes", *more).code == 64
    assert saved.writes == []


def test_the_options_of_the_plan_hold_at_apply(project):
    project.job("train")
    project.job("other")
    project.run("plan", "--select", "train", "-e", "local", "--out", "p.json")
    assert project.run("apply", "--plan", "p.json", "--yes").code == 0

    assert [job["DisplayName"] for job in project.emulator.jobs()] == ["train"]


def test_values_of_variables_are_given_again_and_never_saved(project):
    project.configure("}\nvariables: {key: {type: string}, x: {type: string, default: a}")
    project.job("train", "python train.py", "python train.py ${{ var.key }}")
    project.run("plan", "--var", "key=hush-hush", "--out", "p.json")
    text = Path("p.json").read_text("utf-8")
    without, other, another = (
        project.run("apply", "--plan", "p.json", "--yes", *more)
        for more in ([], ["--var", "x=1"], ["--var", "key=other"])
    )

    assert json.loads(text)["request"]["variables"] == ["key"]
    assert "hush" not in text
    assert (without.code, other.code, another.code) == (64, 64, 6)
    assert "--var key=…" in without.err
    assert project.writes == []
    assert project.run("apply", "--plan", "p.json", "--yes", "--var", "key=hush-hush").code == 0


@pytest.mark.parametrize("out", [[], ["--out", "p.json"]])
def test_the_command_under_a_plan_shows_no_secret(project, out):
    project.configure("}\nvariables: {api_key: {type: string}, lr: {type: string}")
    project.job("train", "python train.py", "python train.py ${{ var.lr }} ${{ var.api_key }}")
    printed = project.run("plan", "--var", "api_key=hush-hush", "--var", "lr=1e-4", *out)

    assert "--var 'api_key=…' --var lr=1e-4" in printed.out
    assert "hush" not in printed.out.replace("UserCommand", "")


def test_a_plan_from_stdin_is_not_saved(project, monkeypatch):
    project.job("train")
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(Path("jobs/train.yaml").read_bytes())))

    assert project.run("plan", "-", "--out", "p.json").code == 64
    assert not Path("p.json").exists()


@pytest.mark.parametrize("args", [["/dev/stdin"], ["--var-file", "/dev/stdin"], ["--var-file", "/dev/fd/0"]])
def test_a_plan_of_what_came_from_a_pipe_is_not_saved(project, args):
    project.job("train")
    project.configure("}\nvariables: {lr: {type: string}")
    given = Path("jobs/train.yaml").read_bytes() if len(args) == 1 else b"lr: '1'\n"
    reader, writer = os.pipe()
    os.write(writer, given)
    os.close(writer)
    done = ended("plan", *args, "--out", "p.json", stdin=reader)
    os.close(reader)

    assert (done.returncode, b"could not read it again" in done.stderr) == (64, True)
    assert not Path("p.json").exists()


def test_a_failed_write_leaves_the_old_plan(saved):
    Path("d").mkdir()
    before = Path("p.json").read_text("utf-8")

    assert saved.run("plan", "--out", "d").code == 1
    assert Path("p.json").read_text("utf-8") == before
    assert sorted(path.name for path in saved.folder.iterdir()) == ["d", "dlcapply.yaml", "jobs", "p.json"]


def test_expect_guards_a_saved_plan_too(saved):
    refused = saved.run("apply", "--plan", "p.json", "--expect", "0" * 64, "--yes")

    assert (refused.code, saved.writes) == (6, [])
