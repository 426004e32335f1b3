"""No command prints or writes a secret, wherever a manifest, a run or an answer holds one."""

from __future__ import annotations

import json

import pytest

from dlcapply.manifest.yaml.writer import to_yaml
from dlcapply.planning.fields import FIELDS
from tests.secrecy.rows import PLAIN_TEXTS, PLAIN_VARIABLES, SECRET_TEXTS, SECRET_VARIABLES

pytestmark = pytest.mark.sweep

TOKEN = "ghp_NotARealTokenNotARealToken99"
FORMS = ("text", "json", "github", "sarif", "junit", "markdown")
PAGES = ("html", "markdown", "github")
IMAGE = "r.example.com/t/x:1"
KEYS = {"DisplayName", "WorkspaceId"}


def manifest(name, **spec):
    role = {
        "Type": "Worker",
        "PodCount": 1,
        "EcsSpec": "ecs.gn7i-c8g1.2xlarge",
        "Image": "r.example.com/t/x:1",
    }
    known = {
        "JobType": "PyTorchJob",
        "JobMaxRunningTimeMinutes": 60,
        "UserCommand": "run",
        "JobSpecs": [role],
    }
    return {
        "apiVersion": "dlcapply/v1",
        "kind": "Job",
        "metadata": {"name": name},
        "spec": {**known, **spec},
    }


def put(project, *documents):
    for document in documents:
        name = document["metadata"]["name"]
        (project.folder / "jobs").mkdir(exist_ok=True)
        (project.folder / "jobs" / f"{name}.yaml").write_text(to_yaml(document), "utf-8")


def written(project):
    """What commands wrote beside the manifests: plans, reports, the journal."""
    files = (path for path in project.folder.rglob("*") if path.is_file() and "jobs" not in path.parts)
    return "\n".join(path.read_text("utf-8", "replace") for path in files)


def everything(project):
    """What every command prints and writes about the manifests, an apply included."""
    commands = [
        *(("validate", "-o", form) for form in FORMS),
        *(("render", *options) for options in ((), ("--origins",), ("-o", "json"))),
        ("plan", "--full", "--out", "saved.json", *(f"-o{form}=plan.{form}" for form in PAGES)),
        ("plan", "-o", "json"),
        ("show", "saved.json", "--full"),
        ("apply", "--yes", "-o", "text", "-o", "json=report.json", "-omarkdown=report.md", "-ogithub=report"),
        ("status",),
        ("status", "-o", "json"),
    ]
    printed = [project.run(*command) for command in commands]
    return "\n".join([*(one.out + one.err for one in printed), written(project)])


def test_no_row_of_the_table_is_shown_by_any_command(project):
    envs = {name: value for name, value in SECRET_VARIABLES if name.isidentifier()}
    script = "\n".join(text for text, *_ in SECRET_TEXTS)
    custom = [{"Key": name, "Value": value, "Visible": "public"} for name, value in SECRET_VARIABLES]
    put(project, manifest("rows", Envs=envs, UserCommand=script, CustomEnvs=custom))
    seen = everything(project)
    assert project.writes == ["CreateJob"]
    put(project, manifest("rows", Envs={"LR": "1"}, UserCommand="run", CustomEnvs=[]))
    seen += everything(project)
    secrets = {value for _, value in SECRET_VARIABLES} | {one for _, *all_ in SECRET_TEXTS for one in all_}
    assert {secret for secret in secrets if secret in seen} == set()
    assert "export WANDB_API_KEY=(masked) && python train.py" in seen


def test_every_row_that_only_resembles_a_secret_is_shown(project):
    envs = {name: value for name, value in PLAIN_VARIABLES if "$" not in value}
    texts = [text for text in PLAIN_TEXTS if "${{" not in text]
    jobs = [manifest(f"row-{number}", UserCommand=text) for number, text in enumerate(texts)]
    put(project, manifest("rows", Envs=envs), *jobs)
    assert [finding["rule"] for finding in findings(project)] == []
    shown = json.loads(project.run("render", "-o", "json").out)["jobs"]
    specs = [job["manifest"]["spec"] for job in shown]
    assert [spec["Envs"] for spec in specs if "Envs" in spec] == [envs]
    assert {spec["UserCommand"] for spec in specs} == {"run", *texts}


def findings(project):
    return json.loads(project.run("validate", "-o", "json").out)["findings"]


LEAVES = ("{}", "/mnt/{}", "oss://b.oss-cn-hangzhou.aliyuncs.com/{}/", "r.example.com/t/x:{}")


def test_a_secret_in_any_leaf_of_the_schema_is_shown_by_no_command(project):
    documents = {
        f"leaf-{number}-{kind}": manifest(f"leaf-{number}-{kind}", **around(path, form.format(TOKEN)))
        for number, path in enumerate(sorted(FIELDS))
        for kind, form in enumerate(LEAVES)
        if path not in KEYS
    }
    put(project, *documents.values())
    files = [f"{form}=report.{form}" for form in FORMS[1:]]
    seen = project.run("validate", *(word for file in files for word in ("-o", file)))
    assert TOKEN not in seen.out + seen.err + written(project)
    found = json.loads((project.folder / "report.json").read_text("utf-8"))["findings"]
    wrong = {finding["file"] for finding in found if finding["level"] == "error"}
    assert 0 < len(wrong) < len(documents)
    for file in wrong:
        (project.folder / file).unlink()
    # What takes the secret in several forms is created in the first of them.
    kept: dict[str, str] = {}
    for path in sorted((project.folder / "jobs").iterdir()):
        kept.setdefault(path.stem.rpartition("-")[0], path.stem)
    assert TOKEN not in "".join(
        one.out + one.err for one in (project.run("render"), project.run("plan", "--full"))
    )
    for path in (project.folder / "jobs").iterdir():
        if path.stem not in kept.values():
            path.unlink()
    assert TOKEN not in everything(project)
    put(project, *(manifest(name) for name in kept.values()))
    assert TOKEN not in everything(project)


def around(path, value):
    """The least spec with the value at that path of the field table."""
    head, _, rest = path.partition(".")
    inner = around(rest, value) if rest else value
    name = head.removesuffix("[]")
    if name == "*":
        return {"X": inner}
    if head.endswith("[]") and name == "JobSpecs" and isinstance(inner, dict):
        return {name: [manifest("x")["spec"]["JobSpecs"][0] | inner]}
    return {name: [inner] if head.endswith("[]") else inner}


def test_the_secrets_of_a_run_that_somebody_else_started_are_not_shown(project):
    taken = [
        manifest(f"leaf-{number}")
        for number, path in enumerate(sorted(FIELDS))
        if path not in KEYS and seeded(project, f"leaf-{number}", around(path, f"/{TOKEN}"))
    ]
    assert len(taken) > 100
    put(project, *taken)
    seen = project.run("plan", "--full")
    assert "adopt it" in seen.out
    assert TOKEN not in everything(project)


def seeded(project, name, spec):
    """Whether the service can hold such a run: not where a number or a switch must stand."""
    try:
        project.emulator.seed({"DisplayName": name, **manifest(name)["spec"], **spec})
    except ValueError:
        return False
    return True


def test_what_came_from_the_environment_stays_hidden_under_identity_name(project):
    project.write("dlcapply.yaml", (project.folder / "dlcapply.yaml").read_text("utf-8") + "identity: name\n")
    project.environ["ANY"] = "plain-marlin"
    project.job("a", more="envFrom: [{name: FOO, fromEnv: ANY}]\n")
    assert project.run("apply", "--yes").code == 0
    (job,) = project.emulator.jobs()
    assert job["Envs"]["FOO"] == "plain-marlin"
    assert job["Settings"]["Tags"] == {"dlcapply-env": "FOO"}
    project.job("a")
    for args in (("plan", "--full"), ("plan", "-o", "json"), ("plan", "--out", "saved.json")):
        printed = project.run(*args)
        assert "Envs.FOO" in printed.out
        assert "plain-marlin" not in printed.out + printed.err + written(project)


def test_a_masked_part_that_changes_is_a_change(project):
    project.job("a", "python train.py", "export DB_PASS=marlin-1 && python train.py")
    assert project.run("apply", "--yes").code == 0
    project.job("a", "python train.py", "export DB_PASS=marlin-2 && python train.py")
    printed = project.run("plan", "--full").out
    assert "UserCommand: differs where it is masked" in printed
    assert "marlin" not in printed


def test_the_reason_of_a_failed_run_repeats_no_secret(project):
    project.environ["ANY"] = "plain-marlin"
    command = "export DB_PASS=marlin-7; exit 3"
    project.job("short", "python train.py", command, more="envFrom: [{name: FOO, fromEnv: ANY}]\n")
    assert project.run("apply", "--yes").code == 0
    (job,) = project.emulator.jobs()
    said = f"{command}\x1b[31m: FOO='plain-marlin' is wrong" + " and so on" * 100
    project.emulator.change(job["JobId"], ReasonMessage=said)
    printed = project.run("apply", "--yes", "--wait")
    assert printed.code == 9
    assert "export DB_PASS=(masked); exit 3[31m: FOO='(masked)' is wrong and so on" in printed.out
    assert "marlin" not in printed.out + printed.err
    assert "and so on" * 50 not in printed.out


def test_a_value_without_a_name_is_not_repeated(project):
    project.job("a")
    for text in ("=marlin-8", "password=marlin-8 x", "=ghp_NotARealTokenNotARealToken99"):
        printed = project.run("plan", "--var", text)
        assert printed.code == 64
        assert "marlin" not in printed.err + printed.out
        assert "ghp_" not in printed.err + printed.out


def test_the_value_of_a_variable_whose_name_tells_is_hidden_wherever_it_goes(project):
    project.configure("}\nvariables: {api_key: {type: string}, lr: {type: string}")
    project.job("train", "python train.py", "python train.py ${{ var.lr }} ${{ var.api_key }}")
    given = ("--var", "lr=1e-4", "--var", "api_key=hush-hush")
    assert project.run("apply", "--yes", *given).code == 0
    project.job("train", "python train.py", "python train.py --fast ${{ var.lr }} ${{ var.api_key }}")
    for command in (("plan", "--full"), ("plan", "-o", "json"), ("render",), ("plan", "--out", "p.json")):
        printed = project.run(*command, *given)
        assert "hush" not in printed.out + printed.err + written(project)
    assert "python train.py --fast 1e-4 (masked)" in project.run("plan", "--full", *given).out


@pytest.mark.parametrize("value", [TOKEN, "q7Rk2ZpX9vB4mTn8LsWd3Hy6", "https://me:marlin@host/x"])
def test_the_command_under_a_plan_hides_what_looks_like_a_secret(project, value):
    project.configure("}\nvariables: {setting: {type: string}")
    project.job("a")
    printed = project.run("plan", "--var", f"setting={value}")
    assert "--var 'setting=…'" in printed.out
    assert value not in printed.out
