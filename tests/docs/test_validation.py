"""docs/validation.md shows what the command prints; DLCAPPLY_REWRITE=1 writes that part anew."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import pytest

from dlcapply.cli.main import cli, main
from dlcapply.cli.shell import Shell
from dlcapply.manifest.load import LoadRequest, load

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "validation.md"
MISTAKES = sorted((ROOT / "docs" / "mistakes").glob("[0-9]*.yaml"))
GENERATED = re.compile(r"(<!-- mistakes -->\n)(.*?)(<!-- /mistakes -->)", re.DOTALL)


def section(number, path, printed):
    """The mistake as the page shows it: the title, which is the file's second line, the file, the output."""
    text = path.read_text(encoding="utf-8")
    title = text.splitlines()[1].removeprefix("# ")
    name = path.relative_to(ROOT).as_posix()
    return (
        f"### {number}. {title}\n\n"
        f"```yaml\n{text}```\n\n```text\n$ dlcapply validate {name}\n{printed}```\n\n"
    )


def test_the_mistakes_are_shown_with_what_the_command_prints(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    sections = []
    for number, path in enumerate(MISTAKES, start=1):
        assert main(["validate", path.relative_to(ROOT).as_posix()], shell=Shell({})) in {0, 4}
        sections.append(section(number, path, capsys.readouterr().out))
    page = PAGE.read_text(encoding="utf-8")
    text = "\n" + "".join(sections)
    if os.environ.get("DLCAPPLY_REWRITE"):
        PAGE.write_text(GENERATED.sub(lambda found: found[1] + text + found[3], page), encoding="utf-8")
        return
    assert GENERATED.search(page)[2] == text


@pytest.mark.parametrize("path", MISTAKES, ids=lambda path: path.stem)
def test_each_mistake_is_found_in_its_file_and_has_a_hint(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    findings = load(LoadRequest((path.name,))).findings
    assert findings
    assert all(item.place.file == path.name and item.hint for item in findings)


def test_there_are_ten_and_editors_find_their_schema():
    assert len(MISTAKES) == 10
    for path in MISTAKES:
        line = path.read_text(encoding="utf-8").splitlines()[0]
        schema = path.parent / line.removeprefix("# yaml-language-server: $schema=")
        assert schema.resolve() == ROOT / "schemas" / "job.v1.schema.json"


def test_every_command_of_the_page_exists_with_its_options():
    commands = re.findall(
        r"^ {4}dlcapply (.*?)(?: *#.*| > .*)?$", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert len(commands) >= 8
    for name, *words in map(shlex.split, commands):
        known = {option for parameter in cli.commands[name].params for option in parameter.opts}
        assert {word for word in words if word.startswith("-")} <= known, name


def test_the_yaml_of_the_page_is_valid(tmp_path):
    """The examples of keys, put into a whole project and a whole manifest."""
    blocks = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    variables, rules, waivers = (
        next(block for block in blocks if block.startswith(key))
        for key in ("variables:", "rules:", "waivers:")
    )
    project = "apiVersion: dlcapply/v1\nkind: Project\nmetadata: {name: a}\nmanifests: ['a.yaml']\n"
    (tmp_path / "dlcapply.yaml").write_text(project + variables + rules)
    (tmp_path / "a.yaml").write_text(MISTAKES[6].read_text(encoding="utf-8") + waivers)
    loaded = load(LoadRequest((str(tmp_path),)))
    assert loaded.findings == ()
    assert [item.rule for item in loaded.waived] == ["no-maximum-running-time"]
