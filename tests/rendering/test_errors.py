from __future__ import annotations

import pytest

from dlcapply.errors import (
    EXIT_MEANINGS,
    ExitCode,
    InvalidManifestsError,
    ServiceError,
    UsageError,
    Verdict,
)
from dlcapply.model import Finding, Level
from dlcapply.rendering.text.errors import error_lines, exit_code_lines
from dlcapply.rendering.text.lines import to_text


def test_an_error_is_its_message_and_the_way_out():
    error = UsageError("no environment is named prod", hint="dlcapply.yaml names local and staging")
    assert to_text(error_lines(error)) == (
        "error: no environment is named prod\nhint: dlcapply.yaml names local and staging\n"
    )


def test_no_hint_no_line():
    assert to_text(error_lines(UsageError("no\nway"))) == "error: no\\nway\n"


@pytest.mark.parametrize(
    ("message", "code", "request_id", "shown"),
    [
        ("refused", "InvalidParameter", "R1", "refused (InvalidParameter, request R1)"),
        ("InvalidParameter: refused", "InvalidParameter", "R1", "InvalidParameter: refused (request R1)"),
        ("refused, request R1", "InvalidParameter", "R1", "refused, request R1 (InvalidParameter)"),
        ("refused", "", "", "refused"),
    ],
)
def test_a_service_error_names_code_and_request_once(message, code, request_id, shown):
    error = ServiceError(message, verdict=Verdict.REFUSED, code=code, request_id=request_id)
    assert to_text(error_lines(error)) == f"error: {shown}\n"


def test_invalid_manifests_are_told_with_their_findings():
    error = InvalidManifestsError([Finding("unknown-key", Level.ERROR, "unknown key X", "remove it")])
    assert to_text(error_lines(error)) == (
        "error  unknown-key  unknown key X\n    hint: remove it\nerror: the manifests are not valid\n"
    )


def test_the_exit_codes_are_listed_in_order_and_all_of_them():
    rows = [row.split(maxsplit=1) for row in to_text(exit_code_lines()).splitlines()]
    assert [int(code) for code, _ in rows] == sorted(ExitCode)
    assert {ExitCode(int(code)): meaning for code, meaning in rows} == EXIT_MEANINGS


def test_the_meanings_of_exit_codes_stand_in_one_column():
    assert {row.index(row.split(maxsplit=1)[1]) for row in to_text(exit_code_lines()).splitlines()} == {7}
