"""A fake GitHub: the part of its REST API that dlcapply uses, on loopback, refusing what GitHub refuses.

It imports nothing but the standard library, so that it runs wherever a Python is: as a thread of a test, or
as a program beside `act`.

In a test:

    with FakeGitHub() as github:
        token = github.token()  # of a workflow, with every permission; token({"checks": "read"}) with one
        number = github.open_pull("topic", files=["jobs/a.yaml"], labels=["allow-replace:a"])
        run = github.start_run(number)  # a run of .github/workflows/review.yml for the pull request's head
        environ = github.environ(run["id"], folder, token)  # GITHUB_* for it; its event is a file there
        github.upload(run["id"], "dlcapply-plan-prod", {"plan.json": text})
        github.merge(number)  # or merge(number, method="squash" | "rebase"), or merge_queued(number)
        github.requests  # what was asked: dicts of method, path, query, status, authorized, blob

As a program: `python tests/forge/fake_github.py --port 8080 --state FILE [--repository OWNER/NAME]` prints
one line of JSON (`url`, `blob_url`) when it listens, and keeps its state in the file. `--port 0` takes any
port, and `--public` makes the repository one that everybody may read.

The control API is every method in `CONTROLS` below, under its own name and with its own arguments:

    POST /_fake/open_pull {"head": "topic", "files": ["jobs/a.yaml"]}  ->  200, the value as JSON
    POST /_fake/upload {"run_id": 1, "name": "dlcapply-plan-prod", "files": {"plan.json": "..."}}
    GET  /_fake/state   GET /_fake/requests

Arguments that are wrong answer 400 with {"message"}. Zip files made by hand are given as base64, `archive=`.

What it knows: permissions of a workflow's token by route (403 "Resource not accessible by integration", with
x-accepted-github-permissions), of a person's token (check runs are for apps alone), 401, 404 for what a token
can't see, 422 with GitHub's own limits, primary and secondary rate limits, 410 for expired artefacts, pages
with Link and at most 100 items, at most 3,000 files of a pull request, archives by a redirect to a second
port that refuses a request with Authorization. A route that it does not know answers 501 and is listed in
`unknown_routes`. `fault()` makes the next requests fail; `turn(seconds)` moves its clock.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import json
import re
import sys
import threading
import zipfile
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote, urlencode, urlsplit

REVIEW = ".github/workflows/review.yml"
ACTIONS_APP = "github-actions"
ACTIONS_BOT = "github-actions[bot]"
ALL = dict.fromkeys(
    ("actions", "checks", "contents", "issues", "metadata", "pull_requests", "statuses"), "write"
)
LONGEST_BODY = 65_536
LONGEST_OUTPUT = 65_535
LONGEST_TITLE = 255
MOST_FILES = 3_000
MOST_PER_PAGE = 100
CONCLUSIONS = [
    "action_required",
    "cancelled",
    "failure",
    "neutral",
    "success",
    "skipped",
    "stale",
    "timed_out",
]
_LEVELS = ("", "read", "write")
_SHA = re.compile(r"[0-9a-f]{40}")
_NO_NAME_OF_AN_ARTEFACT = re.compile(r'[":<>|*?\r\n\\/]')
# The header of an answer that ends before its end.
_CUT = "x-fake-cut"
CONTROLS = frozenset(
    [
        "token",
        "open_pull",
        "push",
        "set_files",
        "retarget",
        "retarget_automatically",
        "close_pull",
        "reopen_pull",
        "label",
        "unlabel",
        "merge",
        "queue",
        "merge_queued",
        "start_run",
        "upload",
        "expire",
        "comment",
        "edit_comment",
        "delete_comment",
        "set_check",
        "open_issue",
        "close_issue",
        "fault",
        "limit",
        "turn",
        "environ",
        "set_default_branch",
        "delete_fork",
    ]
)


class RefusedError(Exception):
    """An answer other than the one that was asked for."""

    def __init__(self, status, message, *, errors=None, headers=None):
        super().__init__(message)
        self.status = status
        self.body = {
            "message": message,
            "documentation_url": "https://docs.github.com/rest",
            "status": str(status),
        }
        if errors:
            self.body["errors"] = errors
        self.headers = headers or {}


def invalid(resource, field, message, code="custom"):
    error = {"resource": resource, "field": field, "code": code, "message": message}
    return RefusedError(422, "Validation Failed", errors=[error])


def zipped(files):
    """The archive of these files, as upload-artifact makes one."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


class FakeGitHub:
    """A GitHub of one repository; every method of CONTROLS changes what it answers."""

    def __init__(self, repository="team/jobs", *, port=0, state_file=None, now=None, private=True):
        self._lock = threading.RLock()
        self._file = state_file
        self._now = now or (lambda: datetime.now(UTC))
        self.requests = []
        self.unknown_routes = []
        self.state = _first_state(repository, private=private)
        if state_file and Path(state_file).exists() and Path(state_file).stat().st_size:
            self.state = json.loads(Path(state_file).read_text("utf-8"))
        self._servers = [_server(self, port, blob=False), _server(self, 0, blob=True)]
        self.url, self.blob_url = (f"http://127.0.0.1:{one.server_port}" for one in self._servers)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def start(self):
        for server in self._servers:
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def stop(self):
        for server in self._servers:
            server.shutdown()
            server.server_close()

    @property
    def repository(self):
        return self.state["repository"]

    @property
    def default_branch(self):
        return self.state["default_branch"]

    def now(self):
        return (self._now() + timedelta(seconds=self.state["turned"])).replace(microsecond=0)

    def asked(self, method=None, path=""):
        """The requests to the API of this method whose path contains the words, blobs left out."""
        return [
            one
            for one in self.requests
            if not one["blob"] and method in {None, one["method"]} and path in one["path"]
        ]

    # The clock, the tokens, and what goes wrong.

    def turn(self, seconds):
        with self._lock:
            self.state["turned"] += seconds
        return self.state["turned"]

    def token(self, permissions=None, *, value="", user="", app=ACTIONS_APP):
        """A workflow's token with these permissions (all, where none are given), or that of a person."""
        with self._lock:
            value = value or f"ghs_{hashlib.sha256(str(self._next('token')).encode()).hexdigest()[:36]}"
            granted = ALL if permissions is None else {"metadata": "read", **permissions}
            self.state["tokens"][value] = {
                "user": user,
                "app": "" if user else app,
                "permissions": dict(granted),
            }
            self._save()
            return value

    def fault(
        self,
        *,
        method="",
        path="",
        times=1,
        status=503,
        message="",
        headers=None,
        body=None,
        drop=False,
        cut=False,
        after=0,
    ):
        """The next requests that match fail, `after` of them excepted.

        `drop` closes the connection in place of an answer, and `cut` before the end of one.
        """
        with self._lock:
            self.state["faults"].append(
                {
                    "method": method,
                    "path": path,
                    "times": times,
                    "after": after,
                    "status": status,
                    "message": message or "Server Error",
                    "headers": headers or {},
                    "body": body,
                    "drop": drop,
                    "cut": cut,
                }
            )
            self._save()

    def limit(self, remaining, *, reset_in=3600, limit=1000):
        """So many requests are answered until the clock has moved on by `reset_in` seconds."""
        with self._lock:
            reset = self.now() + timedelta(seconds=reset_in)
            self.state["limit"] = {"limit": limit, "remaining": remaining, "reset": int(reset.timestamp())}
            self._save()

    def set_default_branch(self, name):
        with self._lock:
            self.state["default_branch"] = name
            self._save()

    # Pull requests.

    def open_pull(
        self,
        head,
        *,
        base="",
        files=(),
        labels=(),
        author="ada",
        fork="",
        sha="",
        title="",
        changed_files=None,
    ):
        """The number of a new pull request; `fork` is the owner/name of its head's repository."""
        with self._lock:
            base = base or self.default_branch
            same = [
                one
                for one in self.state["pulls"].values()
                if one["state"] == "open" and (one["head"], one["base"], one["fork"]) == (head, base, fork)
            ]
            if same:
                raise invalid("PullRequest", "base", f"A pull request already exists for {head}.")
            number, now = self._next("number"), self._stamp()
            self.state["pulls"][str(number)] = {
                "number": number,
                "title": title or f"Change {head}",
                "state": "open",
                "head": head,
                "sha": self._commit(sha or self._head(head, fork)),
                "base": base,
                "fork": fork,
                "fork_id": 9_000 + number if fork else None,
                "author": author,
                "labels": list(labels),
                "files": [_file(one) for one in files],
                "changed_files": changed_files,
                "created_at": now,
                "updated_at": now,
                "closed_at": None,
                "merged_at": None,
                "merge_commit_sha": self._commit(),
                "events": [],
            }
            self._save()
            return number

    def _head(self, head, fork):
        """The commit of the branch, as far as another open pull request shows it."""
        opened = (one for one in self.state["pulls"].values() if one["state"] == "open")
        return next((one["sha"] for one in opened if (one["head"], one["fork"]) == (head, fork)), "")

    def push(self, number, *, files=None, sha=""):
        """The head's new commit; pull requests of the same branch move along."""
        with self._lock:
            pull, commit = self._pull(number), self._commit(sha)
            for one in self.state["pulls"].values():
                if one["state"] == "open" and (one["head"], one["fork"]) == (pull["head"], pull["fork"]):
                    one["sha"], one["merge_commit_sha"] = commit, self._commit()
                    self._touch(one)
            if files is not None:
                pull["files"] = [_file(one) for one in files]
            self._save()
            return commit

    def set_files(self, number, files, *, changed_files=None):
        """The files are names, or GitHub's own objects; `changed_files` may say another number."""
        with self._lock:
            pull = self._pull(number)
            pull["files"] = [_file(one) for one in files]
            pull["changed_files"] = changed_files
            self._save()

    def retarget(self, number, base, *, event="base_ref_changed"):
        with self._lock:
            pull = self._pull(number)
            pull["base"] = base
            self._happened(pull, event)

    def retarget_automatically(self, number, base):
        """As GitHub does where the branch that a pull request was to go to has been merged and deleted."""
        self.retarget(number, base, event="automatic_base_change_succeeded")

    def close_pull(self, number):
        with self._lock:
            pull = self._pull(number)
            pull["state"], pull["closed_at"] = "closed", self._stamp()
            self._happened(pull, "closed")

    def reopen_pull(self, number):
        with self._lock:
            pull = self._pull(number)
            pull["state"], pull["closed_at"] = "open", None
            self._happened(pull, "reopened")

    def label(self, number, name):
        with self._lock:
            pull = self._pull(number)
            pull["labels"] = [*pull["labels"], name]
            self._happened(pull, "labeled")

    def unlabel(self, number, name):
        with self._lock:
            pull = self._pull(number)
            pull["labels"] = [one for one in pull["labels"] if one != name]
            self._happened(pull, "unlabeled")

    def delete_fork(self, number):
        """Its pull requests have no head repository any more."""
        with self._lock:
            self._pull(number)["fork_id"] = None
            self._save()

    def merge(self, number, *, method="merge", sha=""):
        """The commit by which it is merged: of its own, whatever the method, as GitHub makes it."""
        if method not in {"merge", "squash", "rebase"}:
            raise ValueError(method)
        with self._lock:
            pull = self._pull(number)
            if pull["state"] != "open":
                raise RefusedError(405, "Pull Request is not mergeable")
            now = self._stamp()
            pull |= {
                "state": "closed",
                "closed_at": now,
                "merged_at": now,
                "merge_commit_sha": self._commit(sha),
            }
            if method == "merge":
                self.state["on_default"].append(pull["sha"])
            self.state["on_default"].append(pull["merge_commit_sha"])
            self._happened(pull, "merged")
            return pull["merge_commit_sha"]

    def queue(self, number):
        """The commit of the pull request's merge group."""
        with self._lock:
            pull = self._pull(number)
            pull["group"] = self._commit()
            self._save()
            return pull["group"]

    def merge_queued(self, number):
        """It is merged by the commit of its merge group."""
        return self.merge(number, sha=self._pull(number)["group"])

    # Runs of workflows, and what they leave behind.

    def start_run(
        self,
        number=None,
        *,
        event="",
        path=REVIEW,
        head_sha="",
        head_branch="",
        attempt=1,
        run_id=None,
        head_repository="",
        conclusion="success",
    ):
        """A run for the pull request's head or merge group, or for a commit where there is no pull request.

        With `run_id`, it is a further attempt of that run.
        """
        with self._lock:
            if run_id is not None:
                run = self._run(run_id)
                run["run_attempt"] += 1
                run["updated_at"] = self._stamp()
                self._save()
                return self._shown_run(run)
            pull = self._pull(number) if number else None
            event = event or ("pull_request" if pull else "push")
            sha, branch = head_sha or self.default_sha, head_branch or self.default_branch
            if pull and event == "merge_group":
                sha = head_sha or pull["group"]
                branch = head_branch or f"gh-readonly-queue/{pull['base']}/pr-{number}-{self.default_sha}"
            elif pull:
                sha, branch = head_sha or pull["sha"], head_branch or pull["head"]
            number_of_run = 1 + sum(one["path"] == path for one in self.state["runs"].values())
            run = {
                "id": self._next("run"),
                "run_number": number_of_run,
                "run_attempt": attempt,
                "event": event,
                "path": path,
                "head_sha": self._commit(sha),
                "head_branch": branch,
                "pull": number,
                "head_repository": head_repository or (pull["fork"] if pull else "") or self.repository,
                "conclusion": conclusion,
                "created_at": self._stamp(),
                "updated_at": self._stamp(),
            }
            run["payload"] = self._event(run)
            self.state["runs"][str(run["id"])] = run
            self._save()
            return self._shown_run(run)

    def upload(self, run_id, name, files=None, *, archive="", digest=None, size=None):
        """The id of a new artefact of the run: of files by name, or of a zip file as bytes or in base64."""
        if not name or _NO_NAME_OF_AN_ARTEFACT.search(name):
            raise invalid("Artifact", "name", f"the artifact name is not valid: {name}")
        data = zipped(files) if files is not None else archive
        data = data if isinstance(data, bytes) else base64.b64decode(data)
        with self._lock:
            run, number = self._run(run_id), self._next("artifact")
            self.state["artifacts"][str(number)] = {
                "id": number,
                "name": name,
                "run": run["id"],
                "size": len(data) if size is None else size,
                "digest": f"sha256:{hashlib.sha256(data).hexdigest()}" if digest is None else digest,
                "expired": False,
                "created_at": self._stamp(),
                "expires_at": _text(self.now() + timedelta(days=90)),
                "data": base64.b64encode(data).decode(),
            }
            self._save()
            return number

    def expire(self, artifact_id):
        with self._lock:
            self.state["artifacts"][str(artifact_id)] |= {"expired": True, "data": ""}
            self._save()

    def set_check(self, head_sha, name, *, app=ACTIONS_APP, **keys):
        """The id of a check run as some app has made it; with `id`, that one is changed as its app may."""
        with self._lock:
            known = self.state["checks"].get(str(keys.pop("id", "")))
            if known:
                known.update(keys)
                self._save()
                return known["id"]
            check = {"id": self._next("check"), "name": name, "head_sha": self._commit(head_sha), "app": app}
            check |= {"status": "completed", "conclusion": "success", "external_id": "", "output": {}}
            check |= {"details_url": "", "started_at": self._stamp(), "completed_at": self._stamp(), **keys}
            self.state["checks"][str(check["id"])] = check
            self._save()
            return check["id"]

    # Comments and issues.

    def comment(self, number, body, *, by="ada"):
        with self._lock:
            now = self._stamp()
            comment = {"id": self._next("comment"), "number": number, "body": body, "by": by}
            self.state["comments"][str(comment["id"])] = comment | {"created_at": now, "updated_at": now}
            self._save()
            return comment["id"]

    def edit_comment(self, comment_id, body):
        with self._lock:
            self.state["comments"][str(comment_id)] |= {"body": body, "updated_at": self._stamp()}
            self._save()

    def delete_comment(self, comment_id):
        with self._lock:
            del self.state["comments"][str(comment_id)]
            self._save()

    def comments(self, number):
        """The comments of a pull request or an issue, as they were made."""
        return [one for one in self.state["comments"].values() if one["number"] == number]

    def open_issue(self, title, body="", *, by="ada", labels=()):
        with self._lock:
            number, now = self._next("number"), self._stamp()
            issue = {"number": number, "title": title, "body": body, "by": by, "labels": list(labels)}
            issue |= {
                "state": "open",
                "state_reason": None,
                "created_at": now,
                "updated_at": now,
                "closed_at": None,
            }
            self.state["issues"][str(number)] = issue
            self._save()
            return number

    def close_issue(self, number):
        with self._lock:
            self.state["issues"][str(number)] |= {"state": "closed", "closed_at": self._stamp()}
            self._save()

    def issues(self):
        return list(self.state["issues"].values())

    def checks(self, head_sha, name=""):
        return [
            one
            for one in self.state["checks"].values()
            if one["head_sha"] == head_sha and name in {"", one["name"]}
        ]

    # What a runner tells a run.

    def environ(self, run_id, folder, token=""):
        """The variables of the run; its event, as it was when the run began, is a file in the folder."""
        with self._lock:
            run = self._run(run_id)
            file = Path(folder, f"event-{run['id']}-{run['run_attempt']}.json")
            file.write_text(json.dumps(run["payload"]), "utf-8")
            pull = self.state["pulls"].get(str(run["pull"]))
            sha = pull["merge_commit_sha"] if pull and run["event"] == "pull_request" else run["head_sha"]
            ref = f"refs/pull/{run['pull']}/merge" if run["pull"] else f"refs/heads/{run['head_branch']}"
            return {
                "GITHUB_ACTIONS": "true",
                "GITHUB_TOKEN": token,
                "GITHUB_API_URL": self.url,
                "GITHUB_SERVER_URL": "https://github.example",
                "GITHUB_REPOSITORY": self.repository,
                "GITHUB_EVENT_NAME": run["event"],
                "GITHUB_EVENT_PATH": str(file),
                "GITHUB_SHA": sha,
                "GITHUB_REF": ref,
                "GITHUB_RUN_ID": str(run["id"]),
                "GITHUB_RUN_NUMBER": str(run["run_number"]),
                "GITHUB_RUN_ATTEMPT": str(run["run_attempt"]),
                "GITHUB_WORKFLOW_REF": f"{self.repository}/{run['path']}@refs/heads/{self.default_branch}",
            }

    def _event(self, run):
        event = {"repository": self._shown_repository(), "sender": _person("ada")}
        pull = self.state["pulls"].get(str(run["pull"]))
        match run["event"]:
            case "pull_request" | "pull_request_target":
                return event | {
                    "action": "synchronize",
                    "number": run["pull"],
                    "pull_request": self._shown_pull(pull),
                }
            case "merge_group":
                base = f"refs/heads/{self.default_branch}"
                group = {
                    "head_sha": run["head_sha"],
                    "head_ref": f"refs/heads/{run['head_branch']}",
                    "base_ref": base,
                }
                return event | {
                    "action": "checks_requested",
                    "merge_group": {**group, "base_sha": self.default_sha},
                }
            case "push":
                return event | {"ref": f"refs/heads/{run['head_branch']}", "after": run["head_sha"]}
            case _:
                return event

    @property
    def default_sha(self):
        on_default = self.state["on_default"]
        return on_default[-1]

    # Inside.

    def _next(self, kind):
        self.state["next"][kind] = self.state["next"].get(kind, 0) + 1
        return self.state["next"][kind]

    def _stamp(self):
        return _text(self.now())

    def _commit(self, sha=""):
        if sha and not _SHA.fullmatch(sha):
            raise ValueError(f"{sha} is not a commit")
        sha = (
            sha or hashlib.sha1(f"commit {self._next('commit')}".encode(), usedforsecurity=False).hexdigest()
        )
        if sha not in self.state["commits"]:
            self.state["commits"].append(sha)
        return sha

    def _pull(self, number):
        return _found(self.state["pulls"], number)

    def _run(self, number):
        return _found(self.state["runs"], number)

    def _touch(self, pull):
        pull["updated_at"] = self._stamp()

    def _happened(self, pull, event):
        pull["events"].append({"event": event, "created_at": self._stamp()})
        self._touch(pull)
        self._save()

    def _save(self):
        if self._file:
            part = Path(f"{self._file}.part")
            part.write_text(json.dumps(self.state), "utf-8")
            part.replace(self._file)

    # How GitHub shows it.

    def _shown_repository(self):
        owner, _, name = self.repository.partition("/")
        return {
            "id": self.state["repository_id"],
            "name": name,
            "full_name": self.repository,
            "owner": _person(owner),
            "private": self.state["private"],
            "fork": False,
            "default_branch": self.default_branch,
            "url": f"{self.url}/repos/{self.repository}",
            "html_url": f"https://github.example/{self.repository}",
        }

    def _shown_fork(self, full_name, fork_id):
        owner, _, name = full_name.partition("/")
        shown = {"id": fork_id, "name": name, "full_name": full_name, "owner": _person(owner), "fork": True}
        return shown | {"url": f"{self.url}/repos/{full_name}", "default_branch": "main"}

    def _shown_pull(self, pull, *, whole=True):
        owner = (pull["fork"] or self.repository).partition("/")[0]
        head_repo = self._shown_repository()
        if pull["fork"]:
            head_repo = self._shown_fork(pull["fork"], pull["fork_id"]) if pull["fork_id"] else None
        shown = {
            "id": 100_000 + pull["number"],
            "url": f"{self.url}/repos/{self.repository}/pulls/{pull['number']}",
            "issue_url": f"{self.url}/repos/{self.repository}/issues/{pull['number']}",
            "html_url": f"https://github.example/{self.repository}/pull/{pull['number']}",
            "head": {
                "label": f"{owner}:{pull['head']}",
                "ref": pull["head"],
                "sha": pull["sha"],
                "user": _person(owner),
                "repo": head_repo,
            },
            "base": {"ref": pull["base"], "sha": self.default_sha, "repo": self._shown_repository()},
            "user": _person(pull["author"]),
            "labels": [_label(name) for name in pull["labels"]],
            "draft": False,
            "body": None,
        }
        same = (
            "number",
            "title",
            "state",
            "created_at",
            "updated_at",
            "closed_at",
            "merged_at",
            "merge_commit_sha",
        )
        shown |= {key: pull[key] for key in same}
        if whole:
            count = len(pull["files"]) if pull["changed_files"] is None else pull["changed_files"]
            shown |= {"merged": pull["merged_at"] is not None, "changed_files": count, "mergeable": None}
        return shown

    def _shown_run(self, run):
        is_own = run["head_repository"] == self.repository
        same = ("id", "run_number", "run_attempt", "event", "path", "head_sha", "head_branch", "created_at")
        return {key: run[key] for key in same} | {
            "name": "review",
            "status": "completed",
            "conclusion": run["conclusion"],
            "workflow_id": 1
            + sorted({one["path"] for one in self.state["runs"].values()}).index(run["path"]),
            "updated_at": run["updated_at"],
            "run_started_at": run["updated_at"],
            "url": f"{self.url}/repos/{self.repository}/actions/runs/{run['id']}",
            "html_url": f"https://github.example/{self.repository}/actions/runs/{run['id']}",
            "pull_requests": [],
            "repository": self._shown_repository(),
            "head_repository": self._shown_repository()
            if is_own
            else self._shown_fork(run["head_repository"], 9_000),
        }

    def _shown_artifact(self, artifact):
        run = self._run(artifact["run"])
        url = f"{self.url}/repos/{self.repository}/actions/artifacts/{artifact['id']}"
        same = ("id", "name", "expired", "created_at", "expires_at", "digest")
        shown = {key: artifact[key] for key in same}
        if not shown["digest"]:
            del shown["digest"]
        is_own = run["head_repository"] == self.repository
        return shown | {
            "size_in_bytes": artifact["size"],
            "updated_at": artifact["created_at"],
            "url": url,
            "archive_download_url": f"{url}/zip",
            "workflow_run": {
                "id": run["id"],
                "repository_id": self.state["repository_id"],
                "head_repository_id": self.state["repository_id"] if is_own else 9_000,
                "head_branch": run["head_branch"],
                "head_sha": run["head_sha"],
            },
        }

    def _shown_check(self, check):
        same = ("id", "name", "head_sha", "status", "conclusion", "external_id", "details_url", "started_at")
        output = {"title": None, "summary": None, "text": None, "annotations_count": 0, **check["output"]}
        return {key: check[key] for key in same} | {
            "completed_at": check["completed_at"],
            "output": output,
            "url": f"{self.url}/repos/{self.repository}/check-runs/{check['id']}",
            "html_url": f"https://github.example/{self.repository}/runs/{check['id']}",
            "app": {
                "id": 15_368 if check["app"] == ACTIONS_APP else 77,
                "slug": check["app"],
                "name": check["app"],
            },
            "pull_requests": [],
        }

    def _shown_comment(self, comment):
        url = f"{self.url}/repos/{self.repository}/issues"
        return {
            "id": comment["id"],
            "url": f"{url}/comments/{comment['id']}",
            "issue_url": f"{url}/{comment['number']}",
            "html_url": f"https://github.example/{self.repository}/pull/{comment['number']}#c{comment['id']}",
            "user": _person(comment["by"]),
            "body": comment["body"],
            "created_at": comment["created_at"],
            "updated_at": comment["updated_at"],
        }

    def _shown_issue(self, issue):
        same = ("number", "title", "body", "state", "state_reason", "created_at", "updated_at", "closed_at")
        return {key: issue[key] for key in same} | {
            "id": 200_000 + issue["number"],
            "url": f"{self.url}/repos/{self.repository}/issues/{issue['number']}",
            "html_url": f"https://github.example/{self.repository}/issues/{issue['number']}",
            "user": _person(issue["by"]),
            "labels": [_label(name) for name in issue["labels"]],
        }

    def _as_issue(self, pull):
        """GitHub lists pull requests among the issues."""
        keys = {"state_reason": None, "body": None, "by": pull["author"]}
        return self._shown_issue(pull | keys) | {"pull_request": {"merged_at": pull["merged_at"]}}

    # A request from the outside.

    def answer(self, call):
        """(status, headers, body) of a call to the API; body is bytes, or a value to be JSON."""
        with self._lock:
            if call.path.startswith("/_fake/"):
                return self._controlled(call)
            headers = {"x-github-request-id": f"FAKE:{self._next('request')}"}
            try:
                status, more, body = self._served(call)
            except RefusedError as refused:
                status, more, body = refused.status, refused.headers, refused.body
            headers |= self._rate_headers() | more
            self._note(call, status)
            return status, headers, body

    def _note(self, call, status, *, blob=False):
        self.requests.append(
            {
                "method": call.method,
                "path": call.path,
                "query": {key: values[0] for key, values in call.query.items()},
                "status": status,
                "authorized": call.authorization != "",
                "blob": blob,
                "body": call.body,
            }
        )

    def _served(self, call):
        self._fail_as_asked(call)
        caller = self._caller(call)
        self._count()
        for method, pattern, needs, serve in ROUTES:
            if method == call.method and (match := pattern.fullmatch(call.path)):
                owner_name = match.groupdict().get("repository")
                if owner_name is not None and owner_name.lower() != self.repository.lower():
                    raise RefusedError(404, "Not Found")
                _check_permission(self, caller, needs, call)
                return serve(
                    self,
                    call,
                    caller,
                    **{key: value for key, value in match.groupdict().items() if key != "repository"},
                )
        self.unknown_routes.append(f"{call.method} {call.path}")
        raise RefusedError(501, f"the fake has no route {call.method} {call.path}")

    def _fail_as_asked(self, call):
        for rule in self.state["faults"]:
            fits = (
                rule["method"] in {"", call.method}
                and re.search(rule["path"], call.path)
                and rule["times"] > 0
            )
            if not fits:
                continue
            if rule["after"] > 0:
                rule["after"] -= 1
                continue
            rule["times"] -= 1
            if rule["drop"]:
                self._note(call, 0)
                raise ConnectionAbortedError
            cut = {_CUT: "yes"} if rule["cut"] else {}
            refused = RefusedError(rule["status"], rule["message"], headers={**rule["headers"], **cut})
            if rule["body"] is not None:
                refused.body = rule["body"].encode() if isinstance(rule["body"], str) else rule["body"]
            raise refused

    def _caller(self, call):
        scheme, _, value = call.authorization.partition(" ")
        caller = self.state["tokens"].get(value)
        if not call.authorization:
            raise RefusedError(404 if self.state["private"] else 401, "Not Found")
        if scheme.lower() not in {"bearer", "token"} or caller is None:
            raise RefusedError(401, "Bad credentials")
        return caller

    def _count(self):
        limit = self.state["limit"]
        if limit["reset"] <= self.now().timestamp():
            limit |= {
                "remaining": limit["limit"],
                "reset": int((self.now() + timedelta(hours=1)).timestamp()),
            }
        if limit["remaining"] <= 0:
            raise RefusedError(403, "API rate limit exceeded for installation ID 4242.")
        limit["remaining"] -= 1

    def _rate_headers(self):
        limit = self.state["limit"]
        used = {"x-ratelimit-used": str(limit["limit"] - limit["remaining"]), "x-ratelimit-resource": "core"}
        return used | {f"x-ratelimit-{key}": str(limit[key]) for key in ("limit", "remaining", "reset")}

    def _controlled(self, call):
        name = call.path.removeprefix("/_fake/")
        if call.method == "GET" and name in {"state", "requests"}:
            return 200, {}, getattr(self, name)
        if call.method != "POST" or name not in CONTROLS:
            return 404, {}, {"message": f"no control {name}"}
        try:
            return 200, {}, getattr(self, name)(**(call.body or {}))
        except (RefusedError, TypeError, ValueError, KeyError) as error:
            return 400, {}, {"message": str(error)}

    def blob(self, call):
        """The archive that a redirect led to: whoever shows a token there is refused, as Azure does."""
        with self._lock:
            artifact = self.state["artifacts"].get(call.path.rpartition("/")[2])
            status, body = 200, b""
            try:
                self._fail_as_asked(call)
            except RefusedError as refused:
                self._note(call, refused.status, blob=True)
                return refused.status, refused.headers, refused.body
            if call.authorization:
                status, body = 403, b"<?xml version='1.0'?><Error><Code>AuthenticationFailed</Code></Error>"
            elif artifact is None or call.query.get("sig") != [_signature(artifact)]:
                status, body = 404, b"<?xml version='1.0'?><Error><Code>BlobNotFound</Code></Error>"
            else:
                body = base64.b64decode(artifact["data"])
            self._note(call, status, blob=True)
            return status, {"content-type": "application/zip"}, body


def _first_state(repository, *, private):
    return {
        "repository": repository,
        "repository_id": 1_001,
        "private": private,
        "default_branch": "main",
        "turned": 0,
        "next": {},
        "tokens": {},
        "faults": [],
        "limit": {"limit": 1_000, "remaining": 1_000, "reset": 0},
        "commits": ["c" * 40],
        "on_default": ["c" * 40],
        **{kind: {} for kind in ("pulls", "runs", "artifacts", "checks", "comments", "issues")},
    }


def _text(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def _found(things, number):
    if str(number) not in things:
        raise RefusedError(404, "Not Found")
    return things[str(number)]


def _file(one):
    return {"filename": one, "status": "modified"} if isinstance(one, str) else dict(one)


def _person(login):
    number = int(hashlib.sha256(login.encode()).hexdigest()[:6], 16)
    return {"login": login, "id": number, "type": "Bot" if login.endswith("[bot]") else "User"}


def _label(name):
    return {"id": 1, "name": name, "color": "ededed", "description": None}


def _signature(artifact):
    return hashlib.sha256(f"{artifact['id']} {artifact['data']}".encode()).hexdigest()[:20]


def _check_permission(github, caller, needs, call):
    """403 for what the workflow's token may not, in GitHub's words; a person's token may everything."""
    if caller["user"] or not needs:
        return
    alternatives = [one.split("=") for one in needs.split("|")]
    if call.method == "GET" and not github.state["private"] and not needs.endswith("!"):
        return
    for name, level in alternatives:
        held = caller["permissions"].get(name, "")
        if _LEVELS.index(held) >= _LEVELS.index(level.rstrip("!")):
            return
    accepted = "; ".join(f"{name}={level.rstrip('!')}" for name, level in alternatives)
    raise RefusedError(
        403, "Resource not accessible by integration", headers={"x-accepted-github-permissions": accepted}
    )


ROUTES = []


def route(method, path, needs=""):
    """`needs` are alternatives, `issues=write|pull_requests=write`; with `!`, of public repositories too."""
    names = {"repository": "[^/]+/[^/]+", "sha": "[^/]+", "file": "[^/]+"}
    pattern = re.sub(r"\{(\w+)\}", lambda name: f"(?P<{name[1]}>{names.get(name[1], '[0-9]+')})", path)

    def register(serve):
        ROUTES.append((method, re.compile(pattern), needs, serve))
        return serve

    return register


_REPO = "/repos/{repository}"
_READ_PULL = "pull_requests=read"
_READ_ISSUE = "issues=read|pull_requests=read"
_WRITE_ISSUE = "issues=write|pull_requests=write"


@route("GET", "/user")
def _user(_github, _call, caller):
    if not caller["user"]:
        raise RefusedError(403, "Resource not accessible by integration")
    return 200, {}, _person(caller["user"])


@route("GET", "/rate_limit")
def _rate_limit(github, _call, _caller):
    return 200, {}, {"resources": {"core": github.state["limit"]}, "rate": github.state["limit"]}


@route("GET", _REPO, "metadata=read")
def _repository(github, _call, _caller):
    return 200, {}, github._shown_repository()


@route("GET", f"{_REPO}/pulls", _READ_PULL)
def _pulls(github, call, _caller):
    wanted = call.one("state", "open")
    base, head = call.one("base"), call.one("head")
    pulls = [github._shown_pull(one, whole=False) for one in github.state["pulls"].values()]
    pulls = [one for one in pulls if wanted in {"all", one["state"]} and base in {"", one["base"]["ref"]}]
    if ":" in head:  # GitHub ignores a head that names no owner
        pulls = [one for one in pulls if one["head"]["label"] == head]
    key = {"updated": "updated_at"}.get(call.one("sort"), "created_at")
    is_descending = call.one("direction", "desc" if key == "created_at" else "asc") == "desc"
    pulls.sort(key=lambda one: (one[key], one["number"]), reverse=is_descending)
    return _page(github, call, pulls)


@route("GET", f"{_REPO}/pulls/{{number}}", _READ_PULL)
def _one_pull(github, _call, _caller, number):
    return 200, {}, github._shown_pull(github._pull(number))


@route("GET", f"{_REPO}/pulls/{{number}}/files", _READ_PULL)
def _files(github, call, _caller, number):
    files = github._pull(number)["files"][:MOST_FILES]
    return _page(
        github,
        call,
        [{"sha": "0" * 40, "additions": 1, "deletions": 0, "changes": 1, **one} for one in files],
    )


@route("GET", f"{_REPO}/commits/{{sha}}/pulls", "pull_requests=read|contents=read")
def _pulls_of_commit(github, call, _caller, sha):
    """Of a commit on the default branch, the merged pull request that brought it, and no other."""
    pulls = [one for one in github.state["pulls"].values() if sha in {one["sha"], one["merge_commit_sha"]}]
    if sha in github.state["on_default"]:
        pulls = [one for one in pulls if one["merged_at"]]
    else:
        pulls = [one for one in pulls if one["merged_at"] or one["state"] == "open"]
    return _page(github, call, [github._shown_pull(one, whole=False) for one in pulls])


@route("GET", f"{_REPO}/issues/{{number}}/events", _READ_ISSUE)
def _events(github, call, _caller, number):
    return _page(github, call, github._pull(number)["events"])


@route("GET", f"{_REPO}/issues/{{number}}/timeline", _READ_ISSUE)
def _timeline(github, call, _caller, number):
    """Changes of the base are documented for the events alone (issue-event-types)."""
    untold = ("base_ref_changed", "automatic_base_change_succeeded")
    return _page(github, call, [one for one in github._pull(number)["events"] if one["event"] not in untold])


@route("GET", f"{_REPO}/issues/{{number}}/comments", _READ_ISSUE)
def _comments(github, call, _caller, number):
    return _page(github, call, [github._shown_comment(one) for one in github.comments(int(number))])


@route("POST", f"{_REPO}/issues/{{number}}/comments", _WRITE_ISSUE)
def _new_comment(github, call, caller, number):
    if number not in github.state["pulls"] and number not in github.state["issues"]:
        raise RefusedError(404, "Not Found")
    made = github.comment(int(number), _body(call, "IssueComment"), by=_login(caller))
    return 201, {}, github._shown_comment(github.state["comments"][str(made)])


def _body(call, resource):
    body = call.body.get("body") if isinstance(call.body, dict) else None
    if not isinstance(body, str) or not body.strip():
        raise invalid(resource, "body", "Body can't be blank", "missing_field")
    if len(body) > LONGEST_BODY:
        raise invalid(
            resource, "body", f"Body is too long (maximum is {LONGEST_BODY} characters)", "unprocessable"
        )
    return body


def _login(caller):
    return caller["user"] or f"{caller['app']}[bot]"


@route("PATCH", f"{_REPO}/issues/comments/{{number}}", _WRITE_ISSUE)
def _edited_comment(github, call, _caller, number):
    _found(github.state["comments"], number)
    github.edit_comment(number, _body(call, "IssueComment"))
    return 200, {}, github._shown_comment(github.state["comments"][number])


@route("DELETE", f"{_REPO}/issues/comments/{{number}}", _WRITE_ISSUE)
def _deleted_comment(github, _call, _caller, number):
    _found(github.state["comments"], number)
    github.delete_comment(number)
    return 204, {}, b""


@route("GET", f"{_REPO}/issues", "issues=read")
def _issues(github, call, _caller):
    wanted, creator = call.one("state", "open"), call.one("creator")
    labels = {one for one in call.one("labels").split(",") if one}
    shown = [github._shown_issue(one) for one in github.state["issues"].values()]
    shown += [github._as_issue(one) for one in github.state["pulls"].values()]
    shown = [
        one for one in shown if wanted in {"all", one["state"]} and creator in {"", one["user"]["login"]}
    ]
    shown = [one for one in shown if labels <= {label["name"] for label in one["labels"]}]
    shown.sort(key=lambda one: one["number"], reverse=call.one("direction", "desc") == "desc")
    return _page(github, call, shown)


@route("GET", f"{_REPO}/issues/{{number}}", _READ_ISSUE)
def _one_issue(github, _call, _caller, number):
    if number in github.state["pulls"]:
        return 200, {}, github._as_issue(github._pull(number))
    return 200, {}, github._shown_issue(_found(github.state["issues"], number))


@route("POST", f"{_REPO}/issues", "issues=write")
def _new_issue(github, call, caller):
    title = call.body.get("title") if isinstance(call.body, dict) else None
    if not isinstance(title, str) or not title.strip():
        raise invalid("Issue", "title", "title can't be blank", "missing_field")
    if len(title) > 256:
        raise invalid("Issue", "title", "title is too long (maximum is 256 characters)")
    body = _body(call, "Issue") if call.body.get("body") else ""
    number = github.open_issue(title, body, by=_login(caller), labels=call.body.get("labels", ()))
    return 201, {}, github._shown_issue(github.state["issues"][str(number)])


@route("PATCH", f"{_REPO}/issues/{{number}}", "issues=write")
def _edited_issue(github, call, _caller, number):
    issue = _found(github.state["issues"], number)
    if "body" in call.body:
        issue["body"] = _body(call, "Issue")
    issue |= {key: call.body[key] for key in ("title", "state", "state_reason") if key in call.body}
    issue |= {
        "updated_at": github._stamp(),
        "closed_at": github._stamp() if issue["state"] == "closed" else None,
    }
    github._save()
    return 200, {}, github._shown_issue(issue)


@route("GET", f"{_REPO}/issues/{{number}}/labels", _READ_ISSUE)
def _labels(github, call, _caller, number):
    labels = (github.state["pulls"] | github.state["issues"]).get(number, {}).get("labels")
    if labels is None:
        raise RefusedError(404, "Not Found")
    return _page(github, call, [_label(name) for name in labels])


@route("GET", f"{_REPO}/actions/artifacts", "actions=read")
def _artifacts(github, call, _caller):
    return _page(github, call, _artifacts_of(github, call), key="artifacts")


@route("GET", f"{_REPO}/actions/runs/{{number}}/artifacts", "actions=read")
def _artifacts_of_run(github, call, _caller, number):
    github._run(number)
    mine = [one for one in _artifacts_of(github, call) if one["workflow_run"]["id"] == int(number)]
    return _page(github, call, mine, key="artifacts")


def _artifacts_of(github, call):
    name = call.one("name")
    known = reversed(github.state["artifacts"].values())
    return [github._shown_artifact(one) for one in known if name in {"", one["name"]}]


@route("GET", f"{_REPO}/actions/artifacts/{{number}}", "actions=read")
def _one_artifact(github, _call, _caller, number):
    return 200, {}, github._shown_artifact(_found(github.state["artifacts"], number))


@route("GET", f"{_REPO}/actions/artifacts/{{number}}/zip", "actions=read!")
def _archive(github, _call, _caller, number):
    artifact = _found(github.state["artifacts"], number)
    if artifact["expired"]:
        raise RefusedError(410, "Artifact has expired")
    query = urlencode({"sig": _signature(artifact)})
    return 302, {"location": f"{github.blob_url}/artifacts/{number}?{query}"}, b""


@route("GET", f"{_REPO}/actions/runs", "actions=read")
def _runs(github, call, _caller):
    return _page(github, call, _runs_of(github, call), key="workflow_runs")


@route("GET", f"{_REPO}/actions/workflows/{{file}}/runs", "actions=read")
def _runs_of_workflow(github, call, _caller, file):
    paths = {one["path"] for one in github.state["runs"].values()}
    ids = {str(1 + at): path for at, path in enumerate(sorted(paths))}
    path = ids.get(file, f".github/workflows/{file}")
    if path not in paths and path != REVIEW:
        raise RefusedError(404, "Not Found")
    mine = [one for one in _runs_of(github, call) if one["path"] == path]
    return _page(github, call, mine, key="workflow_runs")


def _runs_of(github, call):
    runs = [github._shown_run(one) for one in reversed(github.state["runs"].values())]
    asked = {"head_sha": "head_sha", "event": "event", "branch": "head_branch", "status": "conclusion"}
    return [one for one in runs if all(call.one(word) in {"", one[key]} for word, key in asked.items())]


@route("GET", f"{_REPO}/actions/runs/{{number}}", "actions=read")
def _one_run(github, _call, _caller, number):
    return 200, {}, github._shown_run(github._run(number))


@route("GET", f"{_REPO}/commits/{{sha}}/check-runs", "checks=read")
def _checks(github, call, _caller, sha):
    if sha not in github.state["commits"]:
        raise RefusedError(422, f"No commit found for SHA: {sha}")
    checks = [one for one in reversed(github.checks(sha)) if call.one("check_name") in {"", one["name"]}]
    checks = [one for one in checks if call.one("status") in {"", one["status"]}]
    if call.one("filter", "latest") == "latest":
        checks = list({(one["name"], one["app"]): one for one in reversed(checks)}.values())
    return _page(github, call, [github._shown_check(one) for one in checks], key="check_runs")


@route("GET", f"{_REPO}/check-runs/{{number}}", "checks=read")
def _one_check(github, _call, _caller, number):
    return 200, {}, github._shown_check(_found(github.state["checks"], number))


@route("POST", f"{_REPO}/check-runs", "checks=write")
def _new_check(github, call, caller):
    _for_apps_alone(caller)
    keys = _check_keys(call)
    if not isinstance(call.body.get("name"), str) or not call.body["name"]:
        raise RefusedError(422, 'Invalid request.\n\n"name" wasn\'t supplied.')
    sha = call.body.get("head_sha")
    if sha not in github.state["commits"]:
        raise RefusedError(422, f"No commit found for SHA: {sha}")
    number = github.set_check(sha, call.body["name"], app=caller["app"], **keys)
    return 201, {}, github._shown_check(github.state["checks"][str(number)])


def _for_apps_alone(caller):
    if caller["user"]:
        raise RefusedError(403, "You must authenticate via a GitHub App.")


@route("PATCH", f"{_REPO}/check-runs/{{number}}", "checks=write")
def _edited_check(github, call, caller, number):
    _for_apps_alone(caller)
    check = _found(github.state["checks"], number)
    if check["app"] != caller["app"]:
        raise RefusedError(
            403, "Invalid app_id `77` - check run can only be modified by the GitHub App that created it."
        )
    check.update(_check_keys(call, known=check))
    github._save()
    return 200, {}, github._shown_check(check)


def _check_keys(call, known=None):
    body = call.body if isinstance(call.body, dict) else {}
    keys = {
        key: body[key]
        for key in ("external_id", "details_url", "status", "conclusion", "output")
        if key in body
    }
    now = keys | {"status": body.get("status") or (known or {}).get("status", "queued")}
    if "conclusion" in keys:
        now["status"] = "completed"
        if keys["conclusion"] not in CONCLUSIONS:
            raise RefusedError(
                422, f"Invalid request.\n\n{keys['conclusion']} is not a member of {CONCLUSIONS}."
            )
    elif now["status"] == "completed" and known is None:
        raise RefusedError(422, 'Invalid request.\n\nNo subschema in "anyOf" matched.')
    now.setdefault("conclusion", None if known is None else known["conclusion"])
    _check_output(keys.get("output"))
    if known is not None:
        now |= {key: body[key] for key in ("name",) if key in body}
    return now


def _check_output(output):
    if output is None:
        return
    if not output.get("title") or not isinstance(output.get("summary"), str):
        raise RefusedError(422, 'Invalid request.\n\n"title", "summary" weren\'t supplied.')
    for key, most in (("title", LONGEST_TITLE), ("summary", LONGEST_OUTPUT), ("text", LONGEST_OUTPUT)):
        length = len(output.get(key) or "")
        if length > most:
            raise RefusedError(
                422, f"Invalid request.\n\nOnly {most} characters are allowed; {length} were supplied."
            )
    if len(output["summary"].encode()) > LONGEST_OUTPUT:  # as it is, whatever is documented
        raise invalid("CheckRun", "summary", f"summary exceeds a maximum bytesize of {LONGEST_OUTPUT}")


def _page(github, call, items, *, key=""):
    """One page of the items, with Link as GitHub writes it."""
    size = min(max(_number(call.one("per_page"), 30), 1), MOST_PER_PAGE)
    page = max(_number(call.one("page"), 1), 1)
    last = max((len(items) + size - 1) // size, 1)
    shown = items[(page - 1) * size : page * size]
    links = []
    if page < last:
        links += [(page + 1, "next"), (last, "last")]
    if page > 1:
        links += [(1, "first"), (page - 1, "prev")]
    query = {name: values[0] for name, values in call.query.items()}
    address = f"{github.url}{quote(call.path)}"
    link = ", ".join(f'<{address}?{urlencode(query | {"page": at})}>; rel="{name}"' for at, name in links)
    body = {"total_count": len(items), key: shown} if key else shown
    return 200, {"link": link} if link else {}, body


def _number(text, otherwise):
    return int(text) if text.isascii() and text.isdigit() else otherwise


class Call:
    """One request, as it came."""

    def __init__(self, method, target, authorization, body):
        parts = urlsplit(target)
        self.method = method
        self.path = parts.path
        self.query = parse_qs(parts.query, keep_blank_values=True)
        self.authorization = authorization
        self.body = body

    def one(self, name, otherwise=""):
        return self.query.get(name, [otherwise])[0]


def _server(github, port, *, blob):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_):
            pass

        def _handle(self):
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
            try:
                body = json.loads(raw) if raw else None
            except ValueError:
                self._send(400, {}, {"message": "Problems parsing JSON"})
                return
            call = Call(self.command, self.path, self.headers.get("authorization", ""), body)
            try:
                answer = github.blob(call) if blob else github.answer(call)
            except ConnectionAbortedError:
                self.close_connection = True
                return
            self._send(*answer)

        def _send(self, status, headers, body):
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in ({"content-type": "application/json; charset=utf-8"} | headers).items():
                self.send_header(name, value)
            missing = 10 if _CUT in headers else 0
            self.close_connection |= missing > 0
            self.send_header("content-length", str(len(data) + missing))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _handle  # noqa: N815  named by http.server

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    return server


def main():
    parser = argparse.ArgumentParser(description="A fake GitHub on loopback.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--state", default=None)
    parser.add_argument("--repository", default="team/jobs")
    parser.add_argument("--public", action="store_true")
    chosen = parser.parse_args()
    github = FakeGitHub(
        chosen.repository, port=chosen.port, state_file=chosen.state, private=not chosen.public
    ).start()
    sys.stdout.write(json.dumps({"url": github.url, "blob_url": github.blob_url}) + "\n")
    sys.stdout.flush()
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        github.stop()


if __name__ == "__main__":
    main()
