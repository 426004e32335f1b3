"""What a change can cost is never less than what any run that its spec allows would cost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.model.jobs import Prices
from dlcapply.model.plans import Action, Change, Cost, Reason, Spend
from dlcapply.planning.costs import cost_of
from dlcapply.planning.digest import change_digest
from dlcapply.planning.totals import total_of
from dlcapply.rendering.text.spends import cost_text, total_cost_text

PRICES = Prices({"ecs.a": 10.0, "ecs.b": 2.5}, "CNY")
ON_QUOTA = Cost(None, "CNY", ("JobSpecs[Worker]",))
counts = st.integers(1, 5)


def role(kind="ecs.a", pods=1, **more):
    return {"Type": "Worker", "EcsSpec": kind, "PodCount": pods, **more}


def a_spec(*roles, minutes=60, **more):
    return {"JobSpecs": list(roles), "JobMaxRunningTimeMinutes": minutes, **more}


@given(pods=counts, most=counts, minutes=st.integers(1, 600), reserved=st.integers(0, 60), runs=counts)
def test_no_run_that_the_spec_allows_costs_more(pods, most, minutes, reserved, runs):
    scaled = role(pods=pods, AutoScalingSpec={"MinReplicas": 1, "MaxReplicas": most})
    spec = a_spec(scaled, role("ecs.b"), minutes=minutes, Settings={"JobReservedMinutes": reserved})
    cost = cost_of(spec, PRICES, runs=runs)
    for held in (pods, most):
        assert cost.amount >= (held * 10.0 + 2.5) * (minutes + reserved) / 60 * runs - 1e-6


@given(st.lists(st.sampled_from(["ecs.a", "ecs.b"]), max_size=2))
def test_of_the_types_of_a_spot_pool_the_dearest_counts(kinds):
    pool = [{"InstanceType": kind} for kind in kinds]
    cost = cost_of(a_spec(role("ecs.b", ElasticSpotSpecs=pool)), PRICES, runs=1)
    assert cost.amount == (10.0 if "ecs.a" in kinds else 2.5)


@pytest.mark.parametrize(
    ("spec", "cost"),
    [
        (a_spec(role("ecs.c")), Cost(None, "CNY", ("ecs.c",))),
        (a_spec(role("ecs.a"), role("ecs.c")), Cost(None, "CNY", ("ecs.c",))),
        (a_spec({"Type": "Worker", "ResourceConfig": {"GPU": "1"}}), ON_QUOTA),
        (a_spec(role({"odd": 1})), Cost(None, "CNY", ("JobSpecs[Worker]",))),
        (a_spec(role(), minutes=None), Cost(None, "CNY")),
        (a_spec(role(pods="${x}")), Cost(None, "CNY")),
        (a_spec(role(), TemplateId="tpl-1"), Cost(None, "CNY")),
    ],
)
def test_what_has_no_price_or_no_bound_has_no_cost(spec, cost):
    assert cost_of(spec, PRICES, runs=1) == cost


def test_a_digest_is_not_of_prices():
    change = Change("x", Action.CREATE, Reason("first-run", ""), op="op-1", spend=Spend(1, 1.0))
    dearer = Change(
        "x", Action.CREATE, Reason("first-run", ""), op="op-1", spend=Spend(1, 1.0), cost=Cost(5.0, "CNY")
    )
    assert change_digest(change) == change_digest(dearer)


def costing(cost, **spend):
    return Change("x", Action.CREATE, Reason("first-run", ""), spend=Spend(1, 1.0, **spend), cost=cost)


KNOWN, DOUBTFUL = costing(Cost(1234.5, "CNY")), costing(Cost(1.0, "CNY"), can_exceed=("RestartPolicy",))
UNPRICED, ENDLESS = costing(Cost(None, "CNY", ("ecs.c",))), costing(Cost(None, "CNY"))


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (costing(None), ""),
        (KNOWN, "costs at most 1,234.50 CNY"),
        (DOUBTFUL, "costs up to 1.00 CNY"),
        (UNPRICED, "no cost known: ecs.c has no price"),
        (ENDLESS, "no limit of cost"),
    ],
)
def test_what_a_change_can_cost_in_words(change, text):
    assert cost_text(change) == text


@pytest.mark.parametrize(
    ("changes", "text", "amount"),
    [
        ([], "", 0),
        ([costing(None)], "", None),
        ([KNOWN, KNOWN], "At most 2,469.00 CNY.", 2469.0),
        ([KNOWN, DOUBTFUL], "Up to 1,235.50 CNY.", 1235.5),
        ([KNOWN, UNPRICED, ENDLESS], "At most 1,234.50 CNY, plus 2 jobs whose cost is not known.", None),
        ([UNPRICED], "The cost of 1 job is not known.", None),
    ],
)
def test_what_changes_can_cost_together(changes, text, amount):
    assert (total_cost_text(changes), total_of(changes).cost) == (text, amount)
