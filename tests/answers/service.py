"""A service on loopback, as small as the commands need it, whose answers can be made odd in one key."""

from __future__ import annotations

import copy
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

WORKSPACE = "1001"
ABSENT = object()
DEEP = json.loads("[" * 400 + "]" * 400)

ODD = {
    "absent": ABSENT,
    "null": None,
    "true": True,
    "false": False,
    "zero": 0,
    "negative": -1,
    "fraction": 1.5,
    "great": 1e308,
    "huge": 10**4000,
    "empty": "",
    "blank": " ",
    "long": "x" * 70_000,
    "controls": "a\x00\x07\r\nb\x7f",
    "ansi and bidi": "\x1b[2J\x1b]0;x\x07\u202e\u2066",
    "surrogate": "\ud800",
    "list": [],
    "list of null": [None],
    "map": {},
    "map of nothing": {"": 1},
    "deep": DEEP,
    "list of text": ["x"],
    "number as text": "7",
}


def paths_of(value, path=()):
    """Every key, and the first two items of every list, outermost first."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield (*path, key)
            yield from paths_of(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value[:2]):
            yield (*path, number)
            yield from paths_of(item, (*path, number))


def altered(answer, path, value):
    """The answer with another value at the path; as it is where it has no such place."""
    answer = copy.deepcopy(answer)
    place = answer
    for step in path[:-1]:
        try:
            place = place[step]
        except (KeyError, IndexError, TypeError):
            return answer
    if value is not ABSENT:
        place[path[-1]] = value
    elif isinstance(place, dict):
        place.pop(path[-1], None)
    else:
        del place[path[-1]]
    return answer


class Service:
    """Jobs in memory. `odd` is (operation, path, value, how many answers) or None.

    `raw` is (operation, what makes bytes of an answer's content) or None: these bytes, and the end of the
    connection, then are each answer of the operation. Without `tells_time` no answer has a Date.
    """

    def __init__(self):
        self.clear()
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, content = service.respond(self.command, self.path, body)
                if service.raw and service.calls[-1] == service.raw[0]:
                    self.wfile.write(service.raw[1](content))
                    self.close_connection = True
                    return
                self.send_response_only(status)
                if service.tells_time:
                    self.send_header("Date", self.date_time_string())
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815  the names that http.server calls

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        serve = self._server.serve_forever
        self._thread = threading.Thread(target=serve, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def clear(self):
        self.jobs = {}
        self.calls = []
        self.answers = {}
        self.odd = None
        self.raw = None
        self.tells_time = True

    @property
    def creates(self):
        return self.calls.count("CreateJob")

    def seed(self, job_id, body, **keys):
        self.jobs[job_id] = {
            **body,
            "JobId": job_id,
            "Status": "Running",
            "GmtCreateTime": "2026-11-01T00:00:00Z",
            "GmtRunningTime": "2026-11-01T00:01:00Z",
            "Duration": 60,
            "ReasonMessage": "",
            "WorkspaceId": WORKSPACE,
            "Pods": [{"PodId": f"{job_id}-worker-0", "Status": "Running", "Type": "Worker"}],
            **keys,
        }

    def respond(self, method, target, body):
        url = urlsplit(target)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        operation, status, answer = self._carry_out(method, url.path, query, body)
        self.calls.append(operation)
        answer["RequestId"] = "5A0C8C8F-0000-4000-8000-000000000001"
        self.answers.setdefault(operation, copy.deepcopy(answer))
        if self.odd and self.odd[0] == operation and self.odd[3] > 0:
            name, path, value, times = self.odd
            self.odd = (name, path, value, times - 1)
            answer = altered(answer, path, value)
        return status, json.dumps(answer).encode()

    def _carry_out(self, method, path, query, body):  # noqa: PLR0911  a route each
        rest = [unquote(part) for part in path.removeprefix("/api/v1/").split("/")]
        match method, rest:
            case _, ["quotas" | "cms" | "tensorboards", *_]:
                return self._beside_jobs(method, *rest)
            case "GET", ["jobs", job_id, _, *_]:
                return self._of_a_job(job_id, *rest[2:])
            case "GET", ["ecsspecs"]:
                specs = [
                    {"InstanceType": "ecs.gn7i-c8g1.2xlarge", "AcceleratorType": "GPU", "Gpu": 1, "Cpu": 8}
                ]
                return "ListEcsSpecs", 200, {"EcsSpecs": specs, "TotalCount": 1}
            case "GET", ["workspaces"]:
                workspaces = [{"WorkspaceId": WORKSPACE, "WorkspaceName": "w"}]
                return "ListWorkspaces", 200, {"Workspaces": workspaces, "TotalCount": 1}
            case "GET", ["workspaces", _, "permissions"]:
                rules = [{"Accessibility": "PRIVATE", "EntityAccessType": "ANY"}]
                codes = ("PaiDLC:ListJobs", "PaiDLC:GetJob")
                permissions = [{"PermissionCode": code, "PermissionRules": rules} for code in codes]
                return "ListPermissions", 200, {"Permissions": permissions, "TotalCount": 2}
            case "GET", ["jobs"]:
                name = query.get("DisplayName", "").lower()
                rows = [job for job in self.jobs.values() if name in str(job["DisplayName"]).lower()]
                return "ListJobs", 200, {"Jobs": copy.deepcopy(rows), "TotalCount": len(rows)}
            case "POST", ["jobs"]:
                job_id = f"dlcnew{self.creates + 1}"
                self.seed(job_id, json.loads(body), GmtCreateTime="2026-11-20T00:00:00Z")
                return "CreateJob", 200, {"JobId": job_id}
        return self._carry_out_on_a_job(method, rest, body)

    def _beside_jobs(self, method, kind, *rest):
        """Quotas, queues, CloudMonitor's points, TensorBoards."""
        if kind == "tensorboards":
            return self._tensorboards(method)
        points = json.dumps([{"timestamp": 1_793_500_000_000, "Average": 50.0}])
        amount = {"CPU": "8", "GPU": "4", "Memory": "64Gi"}
        details = {"QuotaDetails": {"AllocatableQuota": amount, "AllocatedQuota": amount}}
        quota = {"QuotaId": "quota1", "QuotaName": "small", "ResourceType": "ECS", **details}
        work = {"WorkloadType": "dlc", "WorkspaceId": WORKSPACE, "Resource": amount, "Reason": "full"}
        waiting = [
            {**work, "WorkloadId": job_id, "WorkloadName": "n", "Status": "Enqueued", "Position": at}
            for at, job_id in enumerate(self.jobs, 1)
        ]
        return {
            "metrics": ("GetMetrics", 200, {"Code": "200", "Success": True, "DataPoints": points}),
            "workloads": ("ListQuotaWorkloads", 200, {"Workloads": waiting, "TotalCount": len(waiting)}),
            "": ("ListQuotas", 200, {"Quotas": [quota], "TotalCount": 1}),
        }.get(rest[-1], ("GetQuota", 200, quota))

    def _tensorboards(self, method):
        if method != "GET":
            return (
                {"POST": "CreateTensorboard", "PUT": "StopTensorboard"}[method],
                200,
                {"TensorboardId": "b"},
            )
        board = {"TensorboardId": "tb0", "Status": "stopped", "TensorboardUrl": "https://example.com/tb0"}
        boards = [{**board, "JobId": job_id, "SummaryPath": "/a"} for job_id in list(self.jobs)[:1]]
        return "ListTensorboards", 200, {"Tensorboards": boards, "TotalCount": len(boards)}

    def _of_a_job(self, job_id, *what):
        subject = {"JobId": job_id} | ({"PodId": what[1]} if what[0] == "pods" else {})
        get_events = "GetPodEvents" if what[0] == "pods" else "GetJobEvents"
        phase = {"CheckNumber": 1, "Phase": "DeviceCheck", "Status": "Failed", "Message": "node-1 is lost"}
        times = {"StartedAt": "2026-11-01T00:00:00Z", "FinishedAt": "2026-11-01T00:01:00Z"}
        point = {"Time": 1_793_491_200_000, "Value": 42.0}
        pods = [{"PodId": f"{job_id}-worker-0", "Metrics": [point, point]}]
        checks = {"SanityCheckResults": [[{**phase, **times}]], "TotalCount": 1}
        events = ["2026-11-01 00:00:30 Created pod", "2026-11-01 00:00:31 Pulled image"]
        logs = ["2026-11-01 00:01:00  Started", "2026-11-01 00:01:01  epoch 1"]
        return {
            "events": (get_events, 200, {**subject, "Events": events}),
            "logs": (
                "GetPodLogs",
                200,
                {**subject, "Logs": logs, "ContainerInfo": {"MainContainer": "main"}},
            ),
            "metrics": ("GetJobMetrics", 200, {"PodMetrics": pods}),
            "sanitycheckresults": ("ListJobSanityCheckResults", 200, checks),
            "dashboard": ("GetDashboard", 200, {"url": "https://example.com/dashboard"}),
            "webterminal": ("GetWebTerminal", 200, {"WebTerminalUrl": "wss://example.com/t?token=abcd"}),
        }[what[-1]]

    def _carry_out_on_a_job(self, method, rest, body):
        job = self.jobs.get(rest[1])
        operations = {"GET": "GetJob", "PUT": "UpdateJob", "POST": "StopJob", "DELETE": "DeleteJob"}
        operation = operations[method]
        if rest[2:3] == ["signals"]:
            return self._carry_out_on_signals(method, rest)
        if job is None:
            return operation, 404, {"Code": "NotFound", "Message": "no such job"}
        if operation == "DeleteJob":
            del self.jobs[rest[1]]
        if operation == "UpdateJob":
            job |= json.loads(body)
        if operation == "StopJob":
            job["Status"] = "Stopped"
        return operation, 200, copy.deepcopy(job) if operation == "GetJob" else {"JobId": rest[1]}

    def _carry_out_on_signals(self, method, rest):
        signal = {
            "SignalId": "sig1",
            "JobId": rest[1],
            "Signal": "SIGUSR1",
            "Status": "Succeeded",
            "Reason": "Completed",
            "Message": "signal delivered to 1 pods",
            "GmtCreated": "2026-11-23T00:00:00Z",
        }
        if method == "POST":
            return "CreateSignal", 200, signal
        if len(rest) > 3:
            return "GetSignal", 200, signal
        return "ListSignals", 200, {"Signals": [signal | {"SignalId": "sig0"}], "TotalCount": 1}
