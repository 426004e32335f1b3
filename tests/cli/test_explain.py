"""`dlcapply explain`."""

from __future__ import annotations

from dlcapply.manifest.rules.explanations import EXPLANATIONS


def test_a_rule_is_explained_on_one_page(project):
    page = project.run("explain", "spot-limit")
    known = EXPLANATIONS["spot-limit"]
    assert page.code == 0
    assert page.out.startswith(
        f"spot-limit (always an error)\n{known.summary}\n\n{known.text}\n\nWrong:\n\n    spec:\n"
    )
    assert page.out.endswith("SpotDiscountLimit: 0.5}\n")
    assert page.out.count("\nRight:\n") == 1


def test_a_rule_without_an_example_has_a_page_too(project):
    assert "Wrong:" not in project.run("explain", "unreadable-file").out


def test_a_policy_is_explained_as_policies_are(project):
    assert project.run("explain", "policy:require-labels").out == project.run("explain", "policy:*").out


def test_without_a_rule_all_are_listed(project):
    listed = project.run("explain").out.splitlines()
    assert [row.split()[:2] for row in listed] == [[one.rule, one.level] for one in EXPLANATIONS.values()]
    assert all(row.endswith(one.summary) for row, one in zip(listed, EXPLANATIONS.values(), strict=True))


def test_an_unknown_rule_is_wrong_usage(project):
    printed = project.run("explain", "spot-limits")
    assert (printed.code, "did you mean spot-limit?" in printed.err) == (64, True)
    assert "lists the rules" in project.run("explain", "zzz").err
