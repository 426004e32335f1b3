"""docs/security.md names options, commands and variables that there are, and the SDK's chain as it is."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from alibabacloud_credentials.provider import DefaultCredentialsProvider
from alibabacloud_credentials.utils import auth_util

from dlcapply.cli.main import main
from dlcapply.cli.shell import Shell

PAGE = (Path(__file__).parents[2] / "docs/security.md").read_text("utf-8")


def test_its_options_are_those_of_commands(capsys):
    for command in ("plan", "apply", "emulator"):
        assert main([command, "--help"], shell=Shell({})) == 0
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
    named = set(re.findall(r"`(?:apply )?(--[a-z-]+)", PAGE))
    assert {"--host", "--plan", "--prune"} <= named <= options


def test_its_variables_are_those_that_the_chain_reads():
    named = set(re.findall(r"`(ALIBABA_CLOUD_[A-Z_]+)`", PAGE))
    assert len(named) > 8
    assert named <= set(re.findall(r"ALIBABA_CLOUD_[A-Z_]+", inspect.getsource(auth_util)))


def test_the_chain_has_the_order_that_it_names():
    sources = re.findall(r"(\w+)CredentialsProvider\(\)", inspect.getsource(DefaultCredentialsProvider))
    assert sources == ["EnvironmentVariable", "OIDCRoleArn", "CLIProfile", "Profile", "EcsRamRole", "URL"]
    assert [line[:2] for line in PAGE.splitlines() if re.match(r"\d\. ", line)] == [
        f"{number}." for number in range(1, len(sources) + 1)
    ]
