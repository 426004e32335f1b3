"""What happens to a pod, as Kubernetes, its kubelet and containerd report it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.emulator.jobs.causes.scene import Scene

Anchor = Literal["created", "started", "ended"]
Kind = Literal["Normal", "Warning"]
_BY_SIGTERM = 143


class PodEvent(NamedTuple):
    """An event, `after` seconds from when the pod was created, its container started, or it ended."""

    anchor: Anchor
    after: float
    kind: Kind
    reason: str
    message: str

    def text(self, variant: int) -> str:
        """The event as one line; how PAI joins its parts is unknown."""
        return (
            f"{self.kind} {self.reason} {self.message}",
            f"[{self.kind}] [{self.reason}] {self.message}",
            f"{self.reason}: {self.message}",
        )[variant]


_SAY_NOTHING = frozenset({"stuck", "refused", "unexplained"})


def pod_events(scene: Scene, exit_code: int | None) -> Iterator[PodEvent]:
    """All events of the pod in one life that goes as its cause has it, in the order of time."""
    if waits := _SCHEDULING[scene.variant]:
        yield PodEvent("created", 0, "Warning", "FailedScheduling", waits)
    assigned = f"Successfully assigned dlc/{scene.pod} to {scene.node}"
    yield PodEvent("created", 0, "Normal", "Scheduled", assigned)
    if scene.cause == "dataset-mount":
        yield from _mount_failures(scene)
    elif scene.cause in _SAY_NOTHING:
        return
    elif scene.cause in _PULL_ERRORS:
        yield from _pull_failures(scene)
    else:
        yield from _start(scene)
        stopped = (PodEvent("ended", 0, "Normal", "Killing", "Stopping container main"),)
        yield from stopped if exit_code is None else _end(scene, exit_code)


def _start(scene: Scene) -> Iterator[PodEvent]:
    """An image is pulled and a container started, not always at the first try."""
    pulling = PodEvent("created", 0, "Normal", "Pulling", f'Pulling image "{scene.image}"')
    if scene.variant == 0:
        failed = f'Failed to pull image "{scene.image}": {_filled(_PULL_AGAIN, scene)}'
        yield pulling
        yield PodEvent("created", 0, "Warning", "Failed", failed)
        yield PodEvent("created", 0, "Warning", "Failed", "Error: ErrImagePull")
    if scene.variant == 1:
        yield PodEvent("created", 0, "Warning", "FailedMount", _SLOW_MOUNT)
    yield pulling
    pulled = f'Successfully pulled image "{scene.image}" in 812ms (812ms including waiting)'
    yield PodEvent("started", 0, "Normal", "Pulled", pulled)
    yield PodEvent("started", 0, "Normal", "Created", "Created container main")
    yield PodEvent("started", 0, "Normal", "Started", "Started container main")


# These pass by themselves: pods that succeed have them too.
_SLOW_MOUNT = 'MountVolume.SetUp failed for volume "kube-api-access-x7k2p" : failed to sync configmap cache: timed out waiting for the condition'
_SCHEDULING = (
    "",
    "",
    "0/12 nodes are available: 3 node(s) had untolerated taint {node.kubernetes.io/not-ready: }, 9 Insufficient nvidia.com/gpu.",
)
_PULL_AGAIN = 'rpc error: code = Unknown desc = failed to pull and unpack image "{image}": failed to copy: httpReadSeeker: failed open: failed to do request: Get "https://{registry}/v2/{repository}/blobs/sha256:9c7a": net/http: TLS handshake timeout'


_PULLS = (0, 13, 38, 80, 165)  # the kubelet waits twice as long each time


def _pull_failures(scene: Scene) -> Iterator[PodEvent]:
    error = _filled(_PULL_ERRORS[scene.cause][scene.variant], scene)
    failed = f'Failed to pull image "{scene.image}": {error}'
    for after in _PULLS:
        yield PodEvent("created", after, "Normal", "Pulling", f'Pulling image "{scene.image}"')
        yield PodEvent("created", after + 2, "Warning", "Failed", failed)
        yield PodEvent("created", after + 2, "Warning", "Failed", "Error: ErrImagePull")
        yield PodEvent("created", after + 3, "Normal", "BackOff", f'Back-off pulling image "{scene.image}"')
        yield PodEvent("created", after + 3, "Warning", "Failed", "Error: ImagePullBackOff")


def _filled(text: str, scene: Scene) -> str:
    registry, slash, rest = scene.image.partition("/")
    if not slash:
        registry, rest = "docker.io", f"library/{scene.image}"
    repository, _, tag = rest.partition(":")
    return text.format(
        image=scene.image,
        registry=registry,
        repository=repository,
        encoded=repository.replace("/", "%2F"),
        tag=tag or "latest",
        node=scene.node,
        pod=scene.pod,
    )


_CONTAINERD = 'rpc error: code = {code} desc = failed to pull and unpack image "{image}": failed to resolve reference "{image}": '
_UNKNOWN = _CONTAINERD.replace("{code}", "Unknown")
_HEAD = 'failed to do request: Head "https://{registry}/v2/{repository}/manifests/{tag}": '
_PULL_ERRORS = {
    "image-missing": (
        _CONTAINERD.replace("{code}", "NotFound") + "{image}: not found",
        "rpc error: code = Unknown desc = Error response from daemon: manifest for {image} not found: manifest unknown: manifest unknown",
        _UNKNOWN
        + "unexpected status from HEAD request to https://{registry}/v2/{repository}/manifests/{tag}: 404 Not Found",
    ),
    "image-denied": (
        _UNKNOWN
        + "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
        "rpc error: code = Unknown desc = Error response from daemon: pull access denied for {registry}/{repository}, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
        _UNKNOWN
        + "failed to authorize: failed to fetch oauth token: unexpected status from GET request to https://dockerauth.{registry}/auth?scope=repository%3A{encoded}%3Apull&service={registry}: 401 Unauthorized",
    ),
    "image-region": (
        _UNKNOWN + _HEAD + "dial tcp: lookup {registry} on 100.100.2.136:53: no such host",
        _CONTAINERD.replace("{code}", "DeadlineExceeded") + _HEAD + "dial tcp 100.103.0.43:443: i/o timeout",
        "rpc error: code = Unknown desc = Error response from daemon: Get https://{registry}/v2/: net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)",
    ),
    "image-unreachable": (
        _UNKNOWN.replace("failed to resolve reference", "failed to copy: httpReadSeeker: failed open")
        + "unexpected status code https://{registry}/v2/{repository}/manifests/{tag}: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit.",
        "rpc error: code = Unknown desc = Error response from daemon: received unexpected HTTP status: 503 Service Unavailable",
        _CONTAINERD.replace("{code}", "Unavailable")
        + _HEAD
        + "tls: failed to verify certificate: x509: certificate signed by unknown authority",
    ),
    # Of one the disk of the node is full.
    "image-broken": (
        'rpc error: code = FailedPrecondition desc = failed to pull and unpack image "{image}": failed commit on ref "layer-sha256:9c7a": unexpected commit digest sha256:11f0, expected sha256:9c7a: failed precondition',
        "rpc error: code = Unknown desc = Error response from daemon: archive/tar: invalid tar header",
        "rpc error: code = ResourceExhausted desc = failed to extract layer sha256:9c7a to overlayfs: write /usr/local/cuda/lib64/libcublas.so.12: no space left on device",
    ),
}


def _mount_failures(scene: Scene) -> Iterator[PodEvent]:
    volume = scene.data[0] if scene.data else "d-7u2k9q4mfx31vb8e0z"
    failed = f'MountVolume.SetUp failed for volume "{volume}" : {_MOUNT_ERRORS[scene.variant]}'
    yield PodEvent("created", 1, "Warning", "FailedMount", failed)
    yield PodEvent("created", 17, "Warning", "FailedMount", failed)
    waiting = f"Unable to attach or mount volumes: unmounted volumes=[{volume}], unattached volumes=[{volume} shm kube-api-access-x7k2p]: timed out waiting for the condition"
    yield PodEvent("created", 123, "Warning", "FailedMount", waiting)


_MOUNT_ERRORS = (
    "mount failed: exit status 32\nMounting command: mount\nOutput: mount.nfs: access denied by server while mounting 0123abcd45.cn-hangzhou.nas.aliyuncs.com:/checkpoints",
    "rpc error: code = Internal desc = mount ossfs failed: ossfs: bucket not exist or AccessDenied: The bucket you access does not belong to you.",
    "rpc error: code = DeadlineExceeded desc = mount.nfs: Connection timed out",
)


def _end(scene: Scene, exit_code: int) -> Iterator[PodEvent]:
    kind, reason, message = _ENDS.get(scene.cause, _NOTHING)[scene.variant]
    if scene.is_first and reason:
        yield PodEvent("ended", 0, kind, reason, _filled(message, scene))
    if not scene.is_first and exit_code == _BY_SIGTERM:
        yield PodEvent("ended", 0, "Normal", "Killing", "Stopping container main")
    yield PodEvent("ended", 0, *_terminated(scene, exit_code))
    if exit_code and scene.variant == 1:
        back_off = f"Back-off restarting failed container main in pod {scene.pod}"
        yield PodEvent("ended", 0, "Warning", "BackOff", back_off)


def _terminated(scene: Scene, exit_code: int) -> tuple[Kind, str, str]:
    why = "OOMKilled" if scene.is_first and scene.cause == "oom" else "Error" if exit_code else "Completed"
    kind: Kind = "Warning" if exit_code else "Normal"
    return (
        (kind, "ContainerTerminated", f"Container main terminated: {why}, exit code {exit_code}"),
        (kind, "ContainerDied", f"Container main exited with code {exit_code} ({why})"),
        (kind, why, f"container main is terminated, exitCode: {exit_code}"),
    )[scene.variant]


_OOM = "Memory cgroup out of memory: Killed process 71 (python3.11) total-vm:48211204kB, anon-rss:31457280kB, file-rss:71680kB, shmem-rss:0kB, UID:0 pgtables:63488kB oom_score_adj:985"
_Reasons = tuple[tuple[Kind, str, str], tuple[Kind, str, str], tuple[Kind, str, str]]
_NOTHING: _Reasons = (("Normal", "", ""), ("Normal", "", ""), ("Normal", "", ""))
_ENDS: dict[str, _Reasons] = {
    "oom": (
        ("Warning", "OOMKilling", _OOM),
        ("Warning", "SystemOOM", "System OOM encountered, victim process: python3.11, pid: 71"),
        ("Normal", "", ""),
    ),
    "sigterm": (
        ("Normal", "Killing", "Stopping container main"),
        ("Normal", "TaintManagerEviction", "Marking for deletion Pod dlc/{pod}"),
        ("Warning", "NodeNotReady", "Node is not ready"),
    ),
    "preempted": (
        ("Warning", "Preempted", "Preempted by a pod on node {node}"),
        ("Normal", "Preempted", "Preempted by pod 5f2b7c1e-93d0-4c58-a0c1-7d2f4f5b9e11 on node {node}"),
        ("Warning", "Preempting", "Idle resources on {node} are given back to the quota that owns them"),
    ),
    "reclaimed": (
        ("Warning", "Evicted", "The instance of {node} is about to be reclaimed"),
        (
            "Warning",
            "InstanceToBeReleased",
            "The spot instance of {node} will be released in 5 minutes",
        ),
        (
            "Normal",
            "NodeControllerEviction",
            "Marking for deletion Pod dlc/{pod} from Node {node}: preemptible instance interrupted",
        ),
    ),
}
