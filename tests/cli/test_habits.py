"""Words of other tools are answered with what exists here."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

from dlcapply.cli.habits import MEANT
from dlcapply.cli.main import cli, main
from dlcapply.cli.shell import Shell
from dlcapply.errors import ExitCode

COMMANDS = set(cli.commands)


@pytest.mark.parametrize("word", MEANT)
def test_a_word_of_habit_is_no_command_and_its_answer_names_commands_that_exist(word):
    assert word not in COMMANDS
    assert word == word.lower()
    named = re.findall(r"dlcapply ([a-z]+)", MEANT[word])
    assert set(named) <= COMMANDS


@pytest.mark.parametrize("word", ["relete", "delease", "realise", "lease", "releas"])
def test_no_typo_leads_to_release(word, capsys):
    main([word, "train"], shell=Shell({}))
    assert "release" not in capsys.readouterr().err.replace(word, "")


@pytest.mark.parametrize("word", ["cancel", "delete", "destroy", "rm", "remove", "kill", "scancel", "DELETE"])
def test_what_is_to_end_is_never_released(word, capsys):
    assert main([word, "train"], shell=Shell({})) == ExitCode.USAGE
    printed = capsys.readouterr()
    assert printed.out == ""
    assert f"there is no command {word}" in printed.err
    assert "state: stopped" in printed.err
    assert "release" not in printed.err


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("delet", "state: stopped"),
        ("relete", "state: stopped"),
        ("pause", "is lost"),
        ("watch", "dlcapply wait"),
        ("retry", "dlcapply rerun NAME"),
        ("prune", "dlcapply cleanup"),
        ("delete", "dlcapply cleanup --delete"),
        ("aply", "did you mean apply?"),
        ("xyzzy", "dlcapply --help lists"),
        ("start-job", "declare the job in a manifest"),
        ("ls", "dlcapply status"),
    ],
)
def test_other_words_are_answered_too(word, said, capsys):
    assert main([word], shell=Shell({})) == ExitCode.USAGE
    assert said in capsys.readouterr().err


def test_a_secret_that_was_typed_as_a_command_is_not_repeated(capsys):
    secret = "LTAI5t" + "Ab3dEf6hIj9kLm2nOp5q"
    main([secret], shell=Shell({}))
    assert secret not in capsys.readouterr().err


def test_help_lists_every_command_once_in_its_group(capsys):
    assert main(["--help"], shell=Shell({})) == ExitCode.OK
    printed = capsys.readouterr().out
    listed = re.findall(r"^  ([a-z]+) {2,}[A-Z]", printed, re.MULTILINE)
    assert sorted(listed) == sorted(COMMANDS)
    assert re.findall(r"^([A-Z][a-z ]+):$", printed, re.MULTILINE) == [
        "Options",
        "Author",
        "Review",
        "Watch",
        "Act",
        "Come in",
        "Tools",
    ]
    assert not re.search(r"[a-z,;]\.\.\.$", printed, re.MULTILINE), "a summary that is cut"


def test_an_error_of_an_unknown_command_is_json_where_json_is_asked_for(capsys):
    assert main(["ls", "-o", "json"], shell=Shell({})) == ExitCode.USAGE
    printed = json.loads(capsys.readouterr().out)
    assert (printed["error"]["code"], printed["error"]["exit_code"]) == ("usage", 64)


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_a_shell_can_complete_the_commands(shell):
    environ = os.environ | {"_DLCAPPLY_COMPLETE": f"{shell}_source"}
    program = [sys.executable, "-c", "from dlcapply.cli.main import run; run()"]
    done = subprocess.run(program, capture_output=True, text=True, check=True, env=environ)
    assert (done.stderr, "_DLCAPPLY_COMPLETE" in done.stdout) == ("", True)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("apply", "-f", "jobs"), "files and folders are words of their own: dlcapply apply jobs/"),
        (("status", "-f", "jobs"), "files and folders are words of their own: dlcapply status jobs/"),
        (("status", "-w"), "dlcapply status --watch shows it in place, again and again"),
        (("apply", "-w"), "dlcapply apply --wait waits for the runs"),
        (("wait", "--all"), "dlcapply wait --select '*' means all"),
    ],
)
def test_an_option_of_habit_is_answered_with_what_the_command_has(words, hint, capsys):
    assert main(words, shell=Shell({})) == ExitCode.USAGE
    printed = capsys.readouterr().err.splitlines()
    assert printed[-2:] == [f"Error: No such option '{words[1]}'.", f"hint: {hint}"]


def test_what_no_option_is_meant_by_gets_no_hint(capsys):
    assert main(["schema", "-w"], shell=Shell({})) == ExitCode.USAGE
    assert "hint" not in capsys.readouterr().err
