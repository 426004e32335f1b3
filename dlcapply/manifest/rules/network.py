"""The network that the pods join."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.manifest.nodes import Node, entries, get, items, string
from dlcapply.manifest.rules.rule import Problem, Rule, Subject
from dlcapply.model.findings import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATH = ("spec", "UserVpc")


def _vpc(subject: Subject) -> Node | None:
    return get(subject.spec, "UserVpc")


def _incomplete(subject: Subject) -> Iterator[Problem]:
    """PAI's own client demands the group with the network; the API page marks neither as required."""
    vpc = _vpc(subject)
    for key in ("VpcId", "SecurityGroupId") if vpc and entries(vpc) else ():
        if vpc and not string(get(vpc, key)):
            hint = "a network takes VpcId and SecurityGroupId; SwitchId may be left to PAI"
            yield Problem(f"UserVpc needs {key}", vpc, _PATH, hint, at_key=True)


def _unlisted_blocks(subject: Subject) -> Iterator[Problem]:
    """Required with SwitchId (SDK, CreateJobRequestUserVpc), though jobs without it are seen in the field."""
    vpc = _vpc(subject)
    node = get(vpc, "SwitchId")
    if node and string(node) and not items(get(vpc, "ExtendedCIDRs")):
        hint = "list all CIDR blocks of the VPC in ExtendedCIDRs, or let PAI pick the vSwitch"
        message = "PAI's documents require ExtendedCIDRs beside SwitchId"
        yield Problem(message, node, (*_PATH, "SwitchId"), hint, at_key=True)


def _blocks(subject: Subject) -> Iterator[Problem]:
    for index, node in enumerate(items(get(_vpc(subject), "ExtendedCIDRs"))):
        if isinstance(node.value, str) and (hint := _cidr_hint(node.value)):
            message = f"{node.value!r} is not a CIDR block"
            yield Problem(message, node, (*_PATH, "ExtendedCIDRs", index), hint)


def _cidr_hint(text: str) -> str:
    """What to write instead; empty where the text is a block."""
    from ipaddress import ip_network

    try:
        block = str(ip_network(text, strict=False))
    except ValueError:
        return "for example 192.168.0.0/16"
    return "" if block == text else f"did you mean {block}?"


RULES = (
    Rule("user-vpc-incomplete", _incomplete, disputed=True),
    Rule("switch-without-cidrs", _unlisted_blocks, Level.WARNING),
    Rule("cidr", _blocks),
)
