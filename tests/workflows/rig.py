"""A company of one repository: git, GitHub, PAI and a runner, all on this machine.

The runner is `act`. What it can't have without a network stands in for it below `stand_ins/`: a folder for
each action that the workflows use. The workflows are run as they are, but for the line `queue: max`, which
act's schema does not know.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import yaml

from tests.workflows.installed import ROOT

GIT = shutil.which("git")
EXAMPLES = ROOT / "examples/github-actions"
STAND_INS = Path(__file__).parent / "stand_ins"
OURS = "OWNER/dlcapply"
ROLES = {
    "PLAN_ROLE_ARN": "acs:ram::1:role/reads",
    "APPLY_ROLE_ARN": "acs:ram::1:role/writes",
    "OIDC_PROVIDER_ARN": "acs:ram::1:oidc-provider/GitHub",
}
SECRETS = {"WANDB_API_KEY": "a-secret-of-the-environment"}
_UNKNOWN_TO_ACT = "      queue: max\n"
_USES = re.compile(r"uses: ([\w.-]+/[\w.-]+)(?:/[\w/.-]+)?@([0-9a-f]{40})")
_AUTHOR = ("-c", "user.name=ada", "-c", "user.email=ada@example.com")

PROJECT = """\
apiVersion: dlcapply/v1
kind: Project
metadata: {{name: vision-team}}
manifests: ["jobs/*.yaml"]
environments:
  prod: {{endpoint: "http://{endpoint}", region: cn-hangzhou, workspaceId: "1001"}}
"""
JOB = """\
apiVersion: dlcapply/v1
kind: Job
metadata: {{name: {name}}}
envFrom: [{{name: WANDB_API_KEY, fromEnv: WANDB_API_KEY}}]
spec:
  JobType: PyTorchJob
  JobMaxRunningTimeMinutes: 60
  UserCommand: {command}
  JobSpecs:
    - Type: Worker
      PodCount: 1
      EcsSpec: ecs.gn7i-c8g1.2xlarge
      Image: registry.example.com/team/train:1
"""


def git(folder, *words):
    command = [GIT, *_AUTHOR, *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def job(name, command="python train.py"):
    return {f"manifests/jobs/{name}.yaml": JOB.format(name=name, command=json.dumps(command))}


@dataclass
class Run:
    """What the runner said of a run of a workflow."""

    code: int
    lines: list[dict]

    def job(self, name):
        """How the job ended; empty where it was skipped."""
        ends = [line["jobResult"] for line in self.lines if line.get("jobID") == name and "jobResult" in line]
        return ends[-1] if ends else ""

    def summaries(self, name):
        """The step summaries of the job, in one."""
        return "".join(
            line["content"]
            for line in self._of(name)
            if line.get("command") == "summary" and len(line["stepID"]) == 1
        )

    def annotations(self, name):
        kinds = {"error", "warning", "notice"}
        return [(line["command"], line["arg"]) for line in self._of(name) if line.get("command") in kinds]

    def steps(self, name):
        """How each step of the job ended, in order, by the action that it used or the line that it ran."""
        return [
            (line["step"], line["stepResult"])
            for line in self._of(name)
            if line.get("stage") == "Main" and "stepResult" in line and len(line["stepID"]) == 1
        ]

    def log(self, name):
        """What the steps of the job printed."""
        return "".join(line["msg"] for line in self._of(name) if line.get("raw_output"))

    def _of(self, name):
        return [line for line in self.lines if line.get("jobID") == name]

    def __str__(self):
        """What people would read of it."""
        kept = [
            line
            for line in self.lines
            if line.get("raw_output") or line["level"] == "error" or "stepResult" in line
        ]
        return "\n".join(f"{line.get('jobID', '')}: {line['msg'].rstrip()}" for line in kept)


class Repository:
    """The company's repository of manifests: a clone that is somebody's, and everybody's."""

    def __init__(self, folder, files):
        self.folder = folder
        folder.mkdir()
        git(self.folder, "init", "--quiet", "--initial-branch", "main")
        git(self.folder, "config", "uploadpack.allowAnySHA1InWant", "true")
        git(self.folder, "remote", "add", "origin", "https://github.com/team/jobs")
        self.commit(files | job("base"))

    def commit(self, files):
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        git(self.folder, "add", "--all")
        git(self.folder, "commit", "--quiet", "--message", "change")
        return self.head

    @property
    def head(self):
        return git(self.folder, "rev-parse", "HEAD")

    def branch(self, name, files, *, onto="main"):
        """The head of a branch with this change."""
        git(self.folder, "checkout", "--quiet", "-B", name, onto)
        head = self.commit(files)
        git(self.folder, "checkout", "--quiet", "main")
        return head

    def merged(self, sha, *, onto="main"):
        """The commit that a merge of the commit would make, as GitHub makes one for each pull request."""
        git(self.folder, "checkout", "--quiet", "--detach", onto)
        git(self.folder, "merge", "--quiet", "--no-ff", "--message", "merge", sha)
        made = self.head
        git(self.folder, "checkout", "--quiet", "main")
        return made

    def merge(self, sha):
        git(self.folder, "merge", "--quiet", "--no-ff", "--message", "merge", sha)
        return self.head

    def advance(self, sha):
        """The commit, which holds the main branch, becomes its head."""
        git(self.folder, "merge", "--quiet", "--ff-only", sha)


@dataclass(frozen=True)
class Runner:
    """Where workflows are run: `act`, a Python, dlcapply as released and as installed, caches that stay."""

    folder: Path
    act: str
    python: Path
    ours: Path
    installed: Path

    def __post_init__(self):
        for name in ("act", "caches", "home", "workflows"):
            (self.folder / name).mkdir()
        home = self.folder / "home"  # what act takes for the repository that the workflows are of
        git(home, "init", "--quiet")
        git(home, "commit", "--quiet", "--allow-empty", "--message", "nothing")
        git(home, "remote", "add", "origin", "https://github.com/team/jobs")

    def cache(self, key):
        """The newest cache is this one, of an empty folder."""
        folder = self.folder / "caches" / str(time.time_ns())
        (folder / "content").mkdir(parents=True)
        (folder / "key").write_text(f"{key}\n", encoding="utf-8")

    def turn_clocks(self):
        """An hour has passed since what the journals say: nobody waits for what PAI lists late."""
        for file in (self.folder / "caches").rglob("journal.ndjson"):
            lines = file.read_text("utf-8").splitlines()
            entries = [json.loads(line) for line in lines if line]  # each write begins on a line of its own
            for entry in entries:
                then = datetime.fromisoformat(entry["time"]) - timedelta(hours=1)
                entry["time"] = then.isoformat()
            file.write_text("".join(f"{json.dumps(entry)}\n" for entry in entries), encoding="utf-8")

    @contextmanager
    def no_room(self):
        """No cache can be saved, which is a warning."""
        full = self.folder / "caches-are-full"
        full.touch()
        yield
        full.unlink()

    def run(
        self, file, event, event_file, environ, *, repository, token="", jobs=(), during=None, roles=ROLES
    ):
        """The run of the workflow in the file, on commits of the folder that is its repository."""
        copy = self.folder / "workflows" / file.name
        copy.write_text(file.read_text("utf-8").replace(_UNKNOWN_TO_ACT, ""), encoding="utf-8")
        words = [self.act, event, "--json", "-W", str(copy), "-e", str(event_file)]
        words += ["-P", "ubuntu-latest=-self-hosted", "--action-cache-path", str(self.folder / "act")]
        words += ["--no-skip-checkout", "--no-cache-server", "--use-new-action-cache"]
        words += ["--secret-file", str(self._secrets(token))]
        words += [word for name, value in roles.items() for word in ("--var", f"{name}={value}")]
        environ = environ | self._environ(repository)
        words += [word for name, value in environ.items() for word in ("--env", f"{name}={value}")]
        words += [word for each in self._replaced(copy) for word in ("--local-repository", each)]
        words += [word for name in jobs for word in ("-j", name)]
        with (self.folder / "said").open("w+", encoding="utf-8") as said:
            process = subprocess.Popen(
                words,
                cwd=self.folder / "home",
                env=self._own_environ(),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
            )
            if during:
                during(process)
            code = _ended(process)
            said.seek(0)
            lines = [json.loads(line) for line in said if line.startswith("{")]
        return Run(code, lines)

    def _secrets(self, token):
        file = self.folder / "secrets"
        known = SECRETS | ({"GITHUB_TOKEN": token} if token else {})
        file.write_text("".join(f"{name}={value}\n" for name, value in known.items()), encoding="utf-8")
        return file

    def _environ(self, repository):
        return {
            "STAND_IN_REPOSITORY": str(repository),
            "STAND_IN_PYTHON": str(self.python),
            "STAND_IN_INSTALLED": str(self.installed),
            "STAND_IN_CACHES": str(self.folder / "caches"),
            "SSL_CERT_FILE": os.environ["SSL_CERT_FILE"],
        }

    def _replaced(self, file):
        used = dict.fromkeys(_USES.findall(file.read_text("utf-8")))
        return [f"{name}@{ref}={self._stand_in(name)}" for name, ref in used]

    def _stand_in(self, name):
        return self.ours if name == OURS else STAND_INS / name.replace("/", "-")

    def _own_environ(self):
        same = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES", "XDG_STATE_HOME")
        known = {"PATH": os.defpath, "HOME": str(self.folder / "home"), "NO_COLOR": "1"}
        return known | {name: os.environ[name] for name in same}


@dataclass
class Company:
    """People and their repository, on GitHub; their jobs are in the emulator's workspace."""

    folder: Path
    runner: Runner
    github: object
    emulator: object
    repository: Repository = field(init=False)

    def __post_init__(self):
        project = PROJECT.format(endpoint=self.emulator.endpoint)
        self.repository = Repository(self.folder / "repository", {"manifests/dlcapply.yaml": project})
        (self.folder / "events").mkdir()
        # There were applies before: the last of them left its journal, and nothing in it.
        self.runner.cache("dlcapply-journal/prod/1-1/ended")

    def open(self, branch, files, *, labels=(), fork=""):
        """The number of a new pull request with this change."""
        head = self.repository.branch(branch, files)
        return self.github.open_pull(branch, sha=head, files=list(files), labels=labels, fork=fork)

    def push(self, number, files):
        pull = self._pull(number)
        self.github.push(number, sha=self.repository.branch(pull["head"], files, onto=pull["head"]))

    def merge(self, number):
        """The commit by which it was merged."""
        merge = self.repository.merge(self._pull(number)["sha"])
        self.github.merge(number, sha=merge)
        return merge

    def review(self, number, *, action="synchronize", jobs=(), roles=ROLES):
        """The run of the review of the pull request, as it is now; of some of its jobs."""
        run, merge = self.github.start_run(number), self.repository.merged(self._pull(number)["sha"])
        more = {"action": action}
        ref = f"refs/pull/{number}/merge"
        return self._run("review", run, sha=merge, ref=ref, more=more, jobs=jobs, roles=roles)

    def queue(self, number):
        """The run of the review of the pull request's merge group, which then becomes the main branch."""
        group = self.repository.merged(self._pull(number)["sha"])
        run = self.github.start_run(number, event="merge_group", head_sha=group)
        made = self._run(
            "review", run, sha=group, ref=f"refs/heads/{run['head_branch']}", more={}, jobs=("plan",)
        )
        self.repository.advance(group)
        self.github.merge(number, sha=group)
        return made

    def apply(self, *, event="push", workflow="apply", head="", expect=None, during=None):
        """The run for the head of the main branch, as it is now or was."""
        head = head or self.repository.head
        run = self.github.start_run(event=event, path=f".github/workflows/{workflow}.yml", head_sha=head)
        more = {} if expect is None else {"inputs": {"expect": expect}}
        return self._run(workflow, run, sha=head, ref="refs/heads/main", more=more, during=during)

    def seed(self, name):
        """A run of the project that no manifest declares goes on."""
        tags = {"dlcapply-owner": "vision-team/prod", "dlcapply-origin": "github.com/team/jobs/manifests"}
        role = {"Type": "Worker", "PodCount": 1, "EcsSpec": "ecs.gn7i-c8g1.2xlarge", "Image": "x/y:1"}
        self.emulator.seed({"DisplayName": name, "JobSpecs": [role], "Settings": {"Tags": tags}})

    def stop(self, *, during, **inputs):
        """The run of the workflow whose form a person filled in."""
        head = self.repository.head
        run = self.github.start_run(
            event="workflow_dispatch", path=".github/workflows/stop.yml", head_sha=head
        )
        return self._run("stop", run, sha=head, ref="refs/heads/main", more={"inputs": inputs}, during=during)

    def drift(self):
        return self.apply(event="schedule", workflow="drift")

    def digest(self):
        """What a person is told who plans the main branch on a machine of their own."""
        words = ["plan", "manifests", "--environment=prod", "--prune", "-o", "json"]
        command = [sys.executable, "-P", "-m", "dlcapply", *words]
        folder = self.repository.folder
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)["digest"]

    def _pull(self, number):
        return self.github.state["pulls"][str(number)]

    def _run(self, workflow, run, *, sha, ref, more, jobs=(), during=None, roles=ROLES):
        file = EXAMPLES / f"{workflow}.yml"
        environ = self.github.environ(run["id"], self.folder / "events")
        event_file = Path(environ["GITHUB_EVENT_PATH"])
        event = json.loads(event_file.read_text("utf-8")) | {"ref": ref} | more
        event_file.write_text(json.dumps(event), encoding="utf-8")
        names = ("REPOSITORY", "API_URL", "RUN_ID", "RUN_NUMBER", "RUN_ATTEMPT", "WORKFLOW_REF")
        kept = {f"GITHUB_{name}": environ[f"GITHUB_{name}"] for name in names}
        return self.runner.run(
            file,
            run["event"],
            event_file,
            kept | {"GITHUB_REF": ref, "SHA_REF": sha},
            repository=self.repository.folder,
            token=self.github.token(_permissions(yaml.safe_load(file.read_text("utf-8")))),
            jobs=jobs,
            during=during,
            roles=roles,
        )


def _ended(process):
    """The exit code; whatever hangs is ended with it."""
    try:
        return process.wait(timeout=300)
    finally:
        process.kill()


def _permissions(workflow):
    """What the token of the one job that has one may do, as GitHub gives it."""
    granted = {}
    for one in workflow["jobs"].values():
        granted |= {name.replace("-", "_"): level for name, level in one["permissions"].items()}
    return granted


_ACTION = ("action.yml", "action", "pyproject.toml", "constraints.txt")


def copy_of_ours(folder):
    """Of what a runner unpacks of dlcapply's repository, what the action needs that is installed already."""
    words = [GIT, "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *_ACTION]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, done.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    return folder
