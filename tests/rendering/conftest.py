"""A plan around the changes that a test is about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dlcapply.model.jobs import Environment
from dlcapply.model.plans import Context, Plan, Scope
from dlcapply.model.runs import Census, Visibility

PLAN = Plan(
    Environment("local", "cn-hangzhou", "1001", "vision-team/local", "emulator"),
    Scope("vision-team/local", "cn-hangzhou", "1001", endpoint="emulator"),
    Census(412, "2000-01-01T00:00:00Z", "1001", "cn-hangzhou", 5, Visibility.ALL),
    changes=(),
    findings=(),
    digest="3f9c",
    context=Context("2026-11-23", "monday", 12, "UTC"),
)


@pytest.fixture
def make_plan():
    def make(*changes, **other):
        return replace(PLAN, changes=changes, **other)

    return make
