"""Every command that a transcript offers is one that dlcapply takes, for the same manifests and target."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from dlcapply.cli.main import cli
from dlcapply.cli.shell import Shell
from tests.cases.stage import TRANSCRIPT
from tests.cases.transcript import COMMAND

CASES = sorted(path.parent for path in Path(__file__).parent.glob(f"*/{TRANSCRIPT}"))
OFFERED = re.compile(
    r'dlcapply (?:adopt|apply|plan|release|status|wait) .*?(?=\), or |"?,?$| \|$|</pre>$| shows when)'
)
# A command that is only mentioned, and click's own words about one.
MENTIONED = re.compile(r"""\[OPTIONS\]|--help|--out"?$|^dlcapply status (?:shows|without) """)
SAME = ("environment", "region", "workspace", "owner", "endpoint", "var_file")


def parsed(command):
    """The command's name and what its words mean; raises click.UsageError for words that mean nothing."""
    _, name, *words = shlex.split(command)
    words = ["--wait=finished" if word == "--wait" else word for word in words]
    return name, cli.commands[name].make_context(name, words, obj=Shell({})).params


def offers(case):
    """Each command that offers another, and what it offers."""
    step = ""
    for line in (case / TRANSCRIPT).read_text("utf-8").splitlines():
        if line.startswith("$ "):
            step = line.removeprefix("$ ")
        elif step.startswith(COMMAND) and not line.startswith("#"):
            found = OFFERED.findall(line.removeprefix("stderr: "))
            yield from ((step, offered) for offered in found if not MENTIONED.search(offered))


OFFERS = [(case.name, step, offered) for case in CASES for step, offered in offers(case)]


@pytest.mark.parametrize(("case", "step", "offered"), OFFERS)
def test_what_is_offered_is_whole(case, step, offered):
    _, asked = parsed(step)
    name, meant = parsed(offered)
    assert not (name == "apply" and not (meant["yes"] or meant["wait"])), case
    if asked.get("plan") or meant.get("plan") or step.startswith("dlcapply show"):
        return  # the saved plan says the rest
    for option in SAME:
        assert meant[option] == asked[option], option
    assert meant["paths"][: len(asked["paths"])] == asked["paths"]  # names of jobs may follow
    assert names_of(meant["var"]) == names_of(asked["var"])


def names_of(pairs):
    return [pair.partition("=")[0] for pair in pairs]


def test_there_is_one_of_each_kind():
    assert {offered.split()[1] for _, _, offered in OFFERS} == {
        *("adopt", "apply", "plan", "release", "status", "wait")
    }
