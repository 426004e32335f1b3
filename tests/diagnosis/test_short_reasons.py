from __future__ import annotations

import pytest

from dlcapply.diagnosis.short_reasons import short_reason


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        ("JobFailed", "Container exited with code 1.", "exit 1"),
        ("JobFailed", "Container exited with code 137: killed, or out of memory.", "exit 137 (SIGKILL)"),
        ("JobFailed", "OOMKilled: container worker terminated, exit code: 137", "OOM, exit 137"),
        ("", "worker-0 ran out of memory (exitCode=137)", "OOM, exit 137"),
        ("OOMKilled", "exit status 137", "OOMKilled, exit 137"),
        ("ImagePullBackOff", "Back-off pulling the image.", "ImagePullBackOff"),
        ("JobFailed", "", ""),
        ("JobFailed", "Job failed.", ""),
        ("", "", ""),
        ("", "the node was lost", "the node was lost"),
        ("", "x" * 100, "x" * 59 + "…"),
        ("JobFailed", "existing 12 files", ""),
        ("JobFailed", "Container exited with code 1 (OOMKilled: false).", "exit 1"),
        ("JobFailed", "exit code 137, not OOM", "exit 137 (SIGKILL)"),
        ("JobFailed", "OOM score adjusted; exit code 1", "exit 1"),
        ("JobFailed", "Job oom-test failed: exit code 1", "exit 1"),
        ("JobFailed", "exited with code 999", ""),
    ],
)
def test_a_reason_is_what_the_service_says_and_no_more(code, message, expected):
    assert short_reason(code, message, name="oom-test") == expected


def test_the_name_of_a_job_is_no_reason():
    assert short_reason("JobFailed", "Job oom failed: exit code 1", name="oom") == "exit 1"
