"""The README says what is so; DLCAPPLY_REWRITE=1 writes the generated parts anew."""

from __future__ import annotations

import os
import re
import shutil
from datetime import UTC, datetime
from math import inf
from pathlib import Path

import pytest

from dlcapply.cli.main import cli, main
from dlcapply.cli.shell import Shell
from dlcapply.emulator import Clock, Emulator, Lifecycle, Switches
from dlcapply.errors import EXIT_MEANINGS
from dlcapply.manifest.load import LoadRequest, load
from dlcapply.rendering.formats import GITHUB, HTML, JUNIT, MARKDOWN, SARIF
from tests.clocks import TurningClock

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"


def generated(mark, text):
    """The README's part between the marks is the text, or is made so."""
    pattern = re.compile(rf"(<!-- {mark} -->\n)(.*?)(<!-- /{mark} -->)", re.DOTALL)
    readme = README.read_text(encoding="utf-8")
    if os.environ.get("DLCAPPLY_REWRITE"):
        README.write_text(pattern.sub(lambda found: found[1] + text + found[3], readme), encoding="utf-8")
        return
    assert pattern.search(readme)[2] == text


def edit(folder, name, *changes):
    path = folder / "jobs" / name
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A copy of manifests/, applied once: some runs have ended, some are queued, some go on."""
    folder = tmp_path / "manifests"
    shutil.copytree(ROOT / "manifests", folder, ignore=shutil.ignore_patterns(".dlcapply"))
    monkeypatch.chdir(tmp_path)
    return folder


def test_the_plan_in_the_readme_is_a_real_one(repository, capsys):
    ended = dict.fromkeys(("resnet50*", "prepare*", "churn*", "detr*", "unet*"), Lifecycle())
    clock = Clock.still(datetime(2026, 11, 23, tzinfo=UTC))
    with Emulator(
        clock=clock,
        lifecycle=Lifecycle(running=inf),
        lifecycles={**ended, "vit*": Lifecycle(queuing=inf)},
        switches=Switches(check_references=False),
    ) as emulator:
        shell = Shell({}, TurningClock(emulator))
        project = repository / "dlcapply.yaml"
        endpoint = f"endpoint: http://{emulator.endpoint}"
        project.write_text(project.read_text().replace("endpoint: emulator", endpoint))
        applied = ["apply", "manifests", "--yes", "--exclude", "churn*"]
        assert main([*applied, "--parallelism", "1"], shell=shell) == 0
        emulator.turn(5400)
        edit(repository, "imaging/resnet50-imagenet.yaml", ("--epochs 90", "--epochs 120"))
        edit(repository, "imaging/vit-large-pretrain.yaml", ("Priority: 7", "Priority: 9"))
        edit(
            repository,
            "recsys/two-tower-vpc.yaml",
            ("ecs.gn6v-c8g1.2xlarge", "ecs.gn6e-c12g1.3xlarge"),
            ("spec:\n", "run: {onChange: replace}\nspec:\n"),
        )
        edit(repository, "recsys/wide-deep-ctr.yaml", ("      PodCount: 4", "      PodCount: 8"))
        edit(repository, "detection/yolo-traffic-ddp.yaml", ("--epochs 120", "--epochs 200"))
        (repository / "jobs/platform/augmentation-search-ray.yaml").unlink()
        capsys.readouterr()
        code = main(["plan", "manifests", "--prune", "--allow-replace", "two-tower-vpc"], shell=shell)
    text = capsys.readouterr().out.replace(f"http://{emulator.endpoint}", "emulator")
    text = text.replace("at the emulator emulator", "on the emulator")
    # The digest covers the emulator's address, which is another one each time.
    text = re.sub(
        r"\b[0-9a-f]{64}\b", "16ec823ecade2b8826757a73ddbd9cd733ddfc0b4a136e082f6602d33a430429", text
    )
    assert code == 3
    generated("plan", f"```text\n{text}```\n")


def test_the_exit_codes_in_the_readme_are_those_of_the_code():
    rows = "".join(f"| {code.value} | {meaning} |\n" for code, meaning in EXIT_MEANINGS.items())
    generated("exit codes", f"| exit | meaning |\n|---|---|\n{rows}")


def test_every_command_is_in_the_readme():
    readme = README.read_text(encoding="utf-8")
    assert all(f"`dlcapply {name}" in readme for name in cli.commands)


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """The files that the README shows, written as they are named."""
    shown = re.findall(r"```yaml\n# (\S+)\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    for name, text in shown:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return sorted(name for name, _ in shown)


def test_the_files_in_the_readme_are_a_whole_project(copied):
    assert copied == [
        "bases/pytorch-a10.yaml",
        "dlcapply.yaml",
        "jobs/resnet50-imagenet.yaml",
        "policies/team.yaml",
    ]
    loaded = load(LoadRequest())
    assert loaded.findings == ()
    (job,) = loaded.jobs
    assert [(role["Type"], role["PodCount"]) for role in job.spec["JobSpecs"]] == [("Worker", 1)]
    (in_prod,) = load(LoadRequest(environment="prod")).jobs
    assert in_prod.spec["JobSpecs"][0]["PodCount"] == 8


@pytest.mark.usefixtures("copied")
def test_the_policy_in_the_readme_refuses_what_it_says():
    job = Path("jobs/resnet50-imagenet.yaml")
    job.write_text(re.sub(r"  labels: .*\n", "", job.read_text(encoding="utf-8")), encoding="utf-8")
    assert [item.rule for item in load(LoadRequest()).findings] == ["policy:team"]


@pytest.mark.usefixtures("copied")
def test_the_files_in_the_readme_can_be_planned_and_applied(capsys):
    with Emulator(clock=Clock.still(datetime(2026, 11, 23, tzinfo=UTC))) as emulator:
        shell = Shell({"WANDB_API_KEY": "x"}, TurningClock(emulator))
        project = Path("dlcapply.yaml")
        endpoint = f"endpoint: http://{emulator.endpoint}"
        project.write_text(project.read_text().replace("endpoint: emulator", endpoint))
        assert main(["validate"], shell=shell) == 0
        assert main(["plan", "--detailed-exitcode"], shell=shell) == 2
        assert "resnet50-imagenet  create" in capsys.readouterr().out
        assert main(["apply", "--yes"], shell=shell) == 0
        assert main(["plan", "--detailed-exitcode"], shell=shell) == 0


@pytest.mark.usefixtures("copied")
def test_no_two_projects_to_copy_share_a_name():
    shown = load(LoadRequest()).environment.owner
    demo = load(LoadRequest(paths=(str(ROOT / "manifests"),))).environment.owner
    assert (shown, demo) == ("CHANGE-ME/local", "dlcapply-demo/local")


def outputs_of(group, above=""):
    """By the name of each command, what its help says of `-o`."""
    found = {}
    for name, command in group.commands.items():
        found |= {f"{above}{name}": one.help for one in command.params if one.name == "output"}
        found |= outputs_of(command, f"{name} ") if hasattr(command, "commands") else {}
    return found


def test_the_table_of_formats_names_the_commands_that_have_them():
    table = README.read_text(encoding="utf-8").split("| format | for | commands |\n")[1].split("\n\n")[0]
    told = {
        (form, re.sub(r" --[a-z-]+", "", name))
        for _, forms, _, names, _ in (row.split("|") for row in table.splitlines())
        for form in re.findall(r"`(\w+)`", forms)
        for name in re.findall(r"`(\w[\w -]*)`", names)
    }
    forms = re.compile(rf"\b({MARKDOWN}|{HTML}|{GITHUB}|{SARIF}|{JUNIT})\b")
    assert told == {(form, name) for name, text in outputs_of(cli).items() for form in forms.findall(text)}
