"""Texts that Markdown, HTML, GitHub, a runner or a terminal would obey, and values full of them."""

from __future__ import annotations

from hypothesis import strategies as st

from dlcapply.model.claims import OwnerMarks
from dlcapply.model.findings import Finding, Level, Place
from dlcapply.model.jobs import Environment, Identity
from dlcapply.model.outcomes import Outcome, Result, Trouble
from dlcapply.model.plans import (
    Action,
    Behaviour,
    Change,
    ClaimedRun,
    Consent,
    Context,
    FieldChange,
    FieldKind,
    Need,
    Plan,
    Reason,
    Scope,
    Spend,
    Target,
    VariableState,
)
from dlcapply.model.runs import Census, Visibility
from dlcapply.one_line import printable
from dlcapply.rendering.rows.status import StatusRow
from dlcapply.rendering.rows.waiting import WaitedRow

FRAGMENTS = (
    "@octocat @org/team",
    "a@b.example",
    "#1 GH-2 octo/repo#3 ABC-45",
    "octo@0123abc",
    "0123abc 0123456789abcdef0123456789abcdef01234567",
    "https://evil.example/a?b=(c)#d",
    "www.evil.example",
    "mailto:a@b.example",
    "ftp://evil.example",
    "<https://evil.example>",
    "[a](https://evil.example)",
    "![a](//evil.example/a.png)",
    "[a]: https://evil.example",
    "[^1]",
    "[^1]: note",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</pre>",
    "</code></td></details>",
    "<!-- dlcapply owner=a -->",
    "-->",
    "<?php ?>",
    "<![CDATA[",
    "&lt;b&gt; &#60;",
    "&",
    "`",
    "``",
    "```",
    "````math",
    "~~~",
    "~~gone~~",
    "|",
    "\\|",
    "\\",
    "| - |",
    "*a* _b_ **c** __d__",
    "snake_case_name",
    "$x^2$",
    "$`x`$",
    "$$",
    ":x: :+1: :100:",
    "::set-output name=a::b",
    "::",
    "##[error]a",
    "##vso[task.setvariable]",
    "##teamcity[x]",
    "# heading",
    "===",
    "---",
    "- a",
    "+ a",
    "* a",
    "1. a",
    "2) a",
    "- [ ] task",
    "> [!WARNING]",
    ":---",
    " ",
    "    code",
    "\n",
    "\n\n",
    "\r\n",
    "\t",
    "\x1b[31mred\x1b[0m",
    "\u202etxt.exe\u202c",
    "\u200b\ufeff\ufe0f",
    "\x00",
    "\ud800",
    "文字",
    "'\"(),;",
    "resnet50-imagenet",
    "GHSA-abcd-efgh-ijkl CVE-2024-1",
)
texts = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=8), max_size=8).map("".join) | st.lists(
    st.sampled_from(FRAGMENTS), max_size=6
).map(" ".join)
names = st.from_regex(r"[A-Za-z0-9_.-]{1,30}", fullmatch=True) | texts.filter(bool)
levels = st.sampled_from(Level)
places = st.none() | st.builds(Place, texts.filter(bool), st.integers(1, 999), st.integers(1, 99))
findings = st.builds(Finding, names, levels, texts, texts, places, texts)
counts = st.integers(0, 5000)
values = st.none() | st.booleans() | st.integers() | texts | st.lists(texts, max_size=3)
several = st.lists(texts, max_size=2).map(tuple)
fields = st.builds(FieldChange, texts, st.sampled_from(FieldKind), values, values, st.sampled_from(Behaviour))
claims = st.builds(ClaimedRun, texts, texts, st.builds(OwnerMarks, texts, texts), texts)
changes = st.builds(
    Change,
    name=names,
    action=st.sampled_from(Action),
    reason=st.builds(Reason, texts, texts),
    source=places,
    target=st.none() | st.builds(Target, texts, texts),
    fields=st.lists(fields, max_size=2).map(tuple),
    spend=st.none() | st.builds(Spend, counts, st.none() | st.floats(0, 1e6), several),
    consent=st.none() | st.builds(Consent, texts, st.booleans()),
    claims=st.lists(claims, max_size=1).map(tuple),
    labels=st.dictionaries(texts, texts, max_size=1),
)
needs = st.builds(Need, texts, st.sampled_from(VariableState), several)
plans = st.builds(
    Plan,
    st.builds(Environment, texts, texts, texts, texts, texts),
    st.builds(
        Scope,
        texts,
        texts,
        texts,
        st.sampled_from(Identity),
        st.booleans(),
        several,
        several,
        texts,
        st.none() | counts,
        texts,
    ),
    st.builds(Census, counts, texts, texts, texts, counts, st.sampled_from(Visibility)),
    st.lists(changes, max_size=4, unique_by=lambda change: change.name).map(tuple),
    st.lists(findings, max_size=2).map(tuple),
    texts,
    needs=st.lists(needs, max_size=2).map(tuple),
    apply_command=texts.map(printable),
    context=st.just(Context("2026-11-27", "friday", 17, "Asia/Shanghai")),
)
outcomes = st.builds(
    Outcome,
    names,
    st.sampled_from(Action),
    st.sampled_from(Result),
    texts,
    texts,
    st.none() | st.builds(Trouble, texts, texts, texts),
    texts,
)
waited = st.builds(
    WaitedRow, st.builds(StatusRow, names, texts, texts, texts, note=texts), st.booleans(), st.booleans()
)
