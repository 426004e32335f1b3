from __future__ import annotations

import pytest

from dlcapply.errors import (
    DeniedError,
    DlcapplyError,
    FailureKind,
    InvalidManifestsError,
    NoManifestsError,
    ServiceError,
    StaleError,
    UsageError,
)
from dlcapply.model.findings import Finding, Level, Place
from dlcapply.rendering.text.errors import error_code, error_lines
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
    error = ServiceError(message, kind=FailureKind.REFUSED, code=code, request_id=request_id)
    assert to_text(error_lines(error)) == f"error: {shown}\n"


def test_invalid_manifests_are_told_with_their_findings():
    error = InvalidManifestsError([Finding("unknown-key", Level.ERROR, "unknown key X", "remove it")])
    assert to_text(error_lines(error)) == (
        "error  unknown-key  unknown key X\n    hint: remove it\nerror: the manifests are not valid\n"
    )


def test_invalid_manifests_are_told_with_their_lines():
    error = InvalidManifestsError([Finding("x", Level.ERROR, "bad", place=Place("a.yaml", 2, 3))])
    assert to_text(error_lines(error, source=lambda _: "a: [b")) == (
        "a.yaml:2:3  error  x  bad\n     2 | a: [b\n       |   ^\nerror: the manifests are not valid\n"
    )


def test_an_error_that_repeats_what_was_typed_shows_no_secret():
    error = UsageError("'https://me:marlin@host' is no endpoint", hint="--token marlin-2 is not needed")
    assert to_text(error_lines(error)) == (
        "error: 'https://me:(masked)@host' is no endpoint\nhint: --token (masked) is not needed\n"
    )


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (DeniedError, "refused"),  # promised before there were two words
        (DlcapplyError, "failed"),
        (NoManifestsError, "no-manifests"),
        (StaleError, "stale"),
        (UsageError, "usage"),
    ],
)
def test_the_codes_in_json_stay_what_was_promised(kind, code):
    error = kind("no")
    assert error_code(error, error.exit_code) == code
