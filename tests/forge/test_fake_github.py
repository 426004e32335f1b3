"""The fake refuses what GitHub refuses: what is tested against it would mean nothing otherwise."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.forge import fake_github
from tests.forge.fake_github import FakeGitHub

REPO = "/repos/team/jobs"


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


_OPENER = urllib.request.build_opener(_NoRedirects)


@pytest.fixture
def github():
    with FakeGitHub() as one:
        yield one


def ask(github, path, *, token="", method="GET", body=None, url=""):
    request = urllib.request.Request(  # noqa: S310  on loopback
        f"{url or github.url}{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}"} if token else {},
    )
    try:
        with _OPENER.open(request) as answer:
            return answer.status, answer.headers, _value(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, _value(error.read())


def _value(raw):
    try:
        return json.loads(raw)
    except ValueError:
        return raw


@pytest.mark.parametrize(
    ("method", "path", "body", "enough"),
    [
        ("GET", "/pulls", None, {"pull_requests": "read"}),
        ("GET", "/issues/1/events", None, {"issues": "read"}),
        ("GET", "/issues/1/timeline", None, {"issues": "read"}),
        ("GET", "/issues/1/comments", None, {"pull_requests": "read"}),
        ("POST", "/issues/1/comments", {"body": "x"}, {"pull_requests": "write"}),
        ("POST", "/issues", {"title": "x"}, {"issues": "write"}),
        ("GET", "/actions/artifacts", None, {"actions": "read"}),
        ("GET", f"/commits/{'c' * 40}/check-runs", None, {"checks": "read"}),
        (
            "POST",
            "/check-runs",
            {"name": "x", "head_sha": "c" * 40, "conclusion": "neutral"},
            {"checks": "write"},
        ),
    ],
)
def test_a_token_may_what_its_permissions_say(github, method, path, body, enough):
    github.open_pull("topic")
    few = dict.fromkeys(enough, "read") if method != "GET" else {}
    refused = ask(github, REPO + path, token=github.token(few), method=method, body=body)
    done = ask(github, REPO + path, token=github.token(enough), method=method, body=body)
    assert (refused[0], refused[2]["message"]) == (403, "Resource not accessible by integration")
    (name, level), *_ = enough.items()
    assert f"{name}={level}" in refused[1]["x-accepted-github-permissions"]
    assert done[0] in {200, 201}


def test_who_asks(github):
    assert ask(github, f"{REPO}/pulls", token="wrong")[0] == 401
    assert ask(github, f"{REPO}/pulls")[0] == 404
    assert ask(github, "/repos/else/where/pulls", token=github.token())[0] == 404
    assert ask(github, "/user", token=github.token())[0] == 403
    assert ask(github, "/user", token=github.token(user="ada"))[2]["login"] == "ada"
    check = {"name": "x", "head_sha": "c" * 40, "conclusion": "neutral"}
    assert (
        ask(github, f"{REPO}/check-runs", token=github.token(user="ada"), method="POST", body=check)[0] == 403
    )


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("/issues/1/comments", {"body": "x" * 65_537}, "too long"),
        ("/issues/1/comments", {"body": " "}, "blank"),
        ("/issues", {"title": "x" * 257}, "too long"),
        ("/check-runs", {"name": "x", "head_sha": "0" * 40, "conclusion": "neutral"}, "No commit found"),
        ("/check-runs", {"head_sha": "c" * 40, "conclusion": "neutral"}, "name"),
        ("/check-runs", {"name": "x", "head_sha": "c" * 40, "conclusion": "red"}, "not a member"),
        ("/check-runs", {"name": "x", "head_sha": "c" * 40, "status": "completed"}, "anyOf"),
    ],
)
def test_what_is_not_valid(github, path, body, words):
    github.open_pull("topic")
    status, _, told = ask(github, REPO + path, token=github.token(), method="POST", body=body)
    assert (status, words in json.dumps(told)) == (422, True)


@pytest.mark.parametrize(("key", "length"), [("title", 256), ("summary", 65_536), ("text", 65_536)])
def test_what_a_check_may_say(github, key, length):
    output = {"title": "x", "summary": "x", key: "x" * length}
    body = {"name": "x", "head_sha": "c" * 40, "conclusion": "success", "output": output}
    status, _, told = ask(github, f"{REPO}/check-runs", token=github.token(), method="POST", body=body)
    assert (status, f"{length} were supplied" in told["message"]) == (422, True)
    output[key] = "x" * (length - 1)
    assert ask(github, f"{REPO}/check-runs", token=github.token(), method="POST", body=body)[0] == 201


def test_pages(github):
    for number in range(250):
        github.comment(1, f"{number}")
    token, seen, path = github.token(), [], f"{REPO}/issues/1/comments?per_page=999"
    while path:
        _, headers, page = ask(github, path, token=token)
        seen.append(len(page))
        links = dict(reversed(one.split("; ")) for one in (headers["link"] or "").split(", ") if one)
        path = links.get('rel="next"', "").strip("<>").removeprefix(github.url)
    assert seen == [100, 100, 50]


def test_an_archive_is_elsewhere_and_takes_no_token(github):
    token, run = github.token(), github.start_run(github.open_pull("topic"))
    number = github.upload(run["id"], "a", {"p.json": "{}"})
    status, headers, _ = ask(github, f"{REPO}/actions/artifacts/{number}/zip", token=token)
    where = headers["location"].removeprefix(github.blob_url)
    assert status == 302
    assert ask(github, where, token=token, url=github.blob_url)[0] == 403
    assert ask(github, where, url=github.blob_url)[2].startswith(b"PK")
    assert ask(github, where.replace("sig=", "sig=0"), url=github.blob_url)[0] == 404
    github.expire(number)
    assert ask(github, f"{REPO}/actions/artifacts/{number}/zip", token=token)[0] == 410


def test_limits(github):
    token = github.token()
    github.limit(1, reset_in=60)
    answers = [ask(github, f"{REPO}/pulls", token=token) for _ in range(2)]
    assert [(one[0], one[1]["x-ratelimit-remaining"]) for one in answers] == [(200, "0"), (403, "0")]
    github.turn(61)
    assert ask(github, f"{REPO}/pulls", token=token)[0] == 200
    github.fault(path="pulls", status=429, message="You have exceeded a secondary rate limit")
    assert [ask(github, f"{REPO}/pulls", token=token)[0] for _ in range(2)] == [429, 200]


def test_who_may_change_a_check(github):
    number = github.set_check("c" * 40, "x", app="other")
    body = {"conclusion": "success"}
    path = f"{REPO}/check-runs/{number}"
    assert ask(github, path, token=github.token(), method="PATCH", body=body)[0] == 403
    assert ask(github, path, token=github.token(app="other"), method="PATCH", body=body)[0] == 200


def test_a_route_that_is_not_known_is_no_empty_answer(github):
    assert ask(github, f"{REPO}/secrets", token=github.token())[0] == 501
    assert github.unknown_routes == [f"GET {REPO}/secrets"]


def test_as_a_program_with_controls_and_a_state_that_stays(tmp_path):
    state = tmp_path / "state.json"
    opened = _in_a_program(state, "open_pull", {"head": "topic", "files": ["jobs/a.yaml"]})
    labelled = _in_a_program(state, "label", {"number": opened[1], "name": "x"})
    refused = _in_a_program(state, "open_pull", {"head": "topic"}, {"head": "topic", "wrong": 1})
    assert [opened[0], labelled[0], *refused[::2]] == [200, 200, 400, 400]
    assert json.loads(state.read_text())["pulls"]["1"]["labels"] == ["x"]


def _in_a_program(state, control, *bodies):
    """What the control answers to each body, status and value in turn."""
    command = [sys.executable, str(Path(fake_github.__file__)), "--port", "0", "--state", str(state)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        try:
            where = json.loads(program.stdout.readline())["url"]
            answers = [ask(None, f"/_fake/{control}", url=where, method="POST", body=body) for body in bodies]
        finally:
            program.terminate()
    return [part for status, _, value in answers for part in (status, value)]
