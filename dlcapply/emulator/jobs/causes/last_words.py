"""What programs print on their way down, as PyTorch, NCCL, Open MPI, glibc and shells word it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dlcapply.emulator.jobs.causes.scene import Scene

_BY_SIGTERM = 143

_CHILD_FAILED = """
E0105 torch/distributed/elastic/multiprocessing/api.py:833] failed (exitcode: {code}) local_rank: 0 (pid: 71) of binary: /usr/bin/python3.11
Traceback (most recent call last):
  File "/usr/local/bin/torchrun", line 8, in <module>
    sys.exit(main())
torch.distributed.elastic.multiprocessing.errors.ChildFailedError:
============================================================
{program} FAILED
------------------------------------------------------------
Root Cause (first observed failure):
[0]:
  time      : 2026-01-05_08:20:03
  host      : {pod}
  rank      : {rank} (local_rank: 0)
  exitcode  : {code} (pid: 71)
  traceback : {how}
============================================================
"""
_KILLED = _CHILD_FAILED.replace("{code}", "-9").replace("{how}", "Signal 9 (SIGKILL) received by PID 71")
_CRASHED = _CHILD_FAILED.replace("{code}", "-11").replace("{how}", "Signal 11 (SIGSEGV) received by PID 71")
_RAISED = _CHILD_FAILED.replace("{code}", "1").replace(
    "{how}", "To enable traceback see: https://pytorch.org/docs/stable/elastic/errors.html"
)
_TERMINATED = (
    "Received SIGTERM; shutting down.",
    """
W0105 torch/distributed/elastic/agent/server/api.py:741] Received Signals.SIGTERM death signal, shutting down workers
W0105 torch/distributed/elastic/multiprocessing/api.py:858] Sending process 71 closing signal SIGTERM
torch.distributed.elastic.multiprocessing.api.SignalException: Process 1 got signal: 15
""",
    "Terminated",
)
_LATE = (
    "Watchdog caught collective operation timeout: WorkNCCL(SeqNum=96120, OpType=ALLREDUCE, NumelIn=131137536,"
    " NumelOut=131137536, Timeout(ms)=600000) ran for 600060 milliseconds before timing out."
)
_ORTE = """
--------------------------------------------------------------------------
ORTE was unable to reliably start one or more daemons.
This usually is caused by:

* not finding the required libraries and/or binaries on
  one or more nodes. Please check your PATH and LD_LIBRARY_PATH
  settings, or configure OMPI with --enable-orterun-prefix-by-default

* lack of authority to execute on one or more specified nodes.
  Please verify your allocation and authorities.

* the inability to write startup files into /tmp (--tmpdir/orte_tmpdir_base).
  Please check with your sys admin to determine the correct location to use.
--------------------------------------------------------------------------
"""

_LOST_DATA = """
Traceback (most recent call last):
  File "/root/code/{program}", line 317, in evaluate
    report.upload()
OSError: [Errno 107] Transport endpoint is not connected: '/mnt/reports'
"""

# In each variant; `{last}` is another pod of the job, `{word}` the first word of the command.
_LAST_WORDS: dict[str, tuple[str, str, str]] = {
    "oom": (
        "/bin/bash: line 1:    71 Killed                  {command}",
        "RuntimeError: DataLoader worker (pid 133) is killed by signal: Killed. " + _KILLED,
        "Killed",
    ),
    "segfault": (
        "Segmentation fault (core dumped)",
        """
Fatal Python error: Segmentation fault

Current thread 0x00007f8c3a7fc640 (most recent call first):
  File "/root/code/ops/fused_adam.py", line 61 in step
  File "/root/code/{program}", line 204 in train
"""
        + _CRASHED,
        """
[{pod}:00071] *** Process received signal ***
[{pod}:00071] Signal: Segmentation fault (11)
[{pod}:00071] Signal code: Address not mapped (1)
[{pod}:00071] Failing at address: (nil)
[{pod}:00071] [ 0] /lib/x86_64-linux-gnu/libc.so.6(+0x42520)[0x7f8c9b442520]
[{pod}:00071] *** End of error message ***
""",
    ),
    "nccl-timeout": (
        f"""
[rank{{rank}}]:[E105 08:20:03.408271257 ProcessGroupNCCL.cpp:607] [Rank {{rank}}] {_LATE}
[rank{{rank}}]:[E105 08:20:03.465150152 ProcessGroupNCCL.cpp:1664] [PG 1 Rank {{rank}}] Exception (either an error or timeout) detected by watchdog at work: 96120, last enqueued NCCL work: 96122, last completed NCCL work: 96119.
terminate called after throwing an instance of 'c10::DistBackendError'
  what():  [PG 1 Rank {{rank}}] NCCL watchdog thread terminated with exception: [Rank {{rank}}] {_LATE}
""",
        f"""
[E ProcessGroupNCCL.cpp:458] [Rank {{rank}}] {_LATE}
[E ProcessGroupNCCL.cpp:475] Some NCCL operations have failed or timed out. Due to the asynchronous nature of CUDA kernels, subsequent GPU operations might run on corrupted/incomplete data.
[E ProcessGroupNCCL.cpp:481] To avoid data inconsistency, we are taking the entire process down.
""",
        """
[rank{rank}]:[E105 08:20:03.400612945 ProcessGroupNCCL.cpp:2268] [PG ID 1 PG GUID 1 Rank {rank}]  failure detected by watchdog at work sequence id: 96120 PG status: last enqueued work: 96122, last completed work: 96119
[rank{rank}]:[F105 08:28:03.577193884 ProcessGroupNCCL.cpp:1557] [PG ID 1 PG GUID 1 Rank {rank}] Terminating the process after attempting to dump debug info, due to collective timeout or exception.
""",
    ),
    "mpi-ssh": (
        "ssh: connect to host {last} port 22: Connection refused" + _ORTE,
        "ssh: Could not resolve hostname {last}: Name or service not known" + _ORTE,
        """
Host key verification failed.
--------------------------------------------------------------------------
PRTE has lost communication with a remote daemon.

  HNP daemon   : [prterun-{pod}-64@0,0] on node {pod}
  Remote daemon: [prterun-{pod}-64@0,1] on node {last}

This is usually due to either a failure of the TCP network
connection to the node, or possibly an internal failure of
the daemon itself. We cannot recover from this failure, and
therefore will terminate the job.
--------------------------------------------------------------------------
""",
    ),
    "one-worker": (
        """
Traceback (most recent call last):
  File "/root/code/{program}", line 204, in train
    batch = next(shards)
  File "/root/code/data/shards.py", line 77, in __next__
    raise EOFError(f"{{self.path}} ends early")
EOFError: /mnt/data/shard-{rank:05d}.tar ends early
""",
        """
[rank{rank}]: Traceback (most recent call last):
[rank{rank}]:   File "/root/code/{program}", line 204, in train
[rank{rank}]:     loss.backward()
[rank{rank}]: RuntimeError: CUDA error: an illegal memory access was encountered
[rank{rank}]: CUDA kernel errors might be asynchronously reported at some other API call, so the stacktrace below might be incorrect.
""",
        """
Traceback (most recent call last):
  File "/root/code/{program}", line 231, in <module>
    torch.save(state, partial)
OSError: [Errno 28] No space left on device
"""
        + _RAISED,
    ),
    "worker-lost": (_LOST_DATA, _LOST_DATA, _LOST_DATA),
    "error": (
        """
Traceback (most recent call last):
  File "/root/code/{program}", line 12, in <module>
    from models import build
ModuleNotFoundError: No module named 'models'
""",
        """
Traceback (most recent call last):
  File "/root/code/{program}", line 88, in <module>
    main(parse(sys.argv[1:]))
  File "/root/code/{program}", line 41, in main
    head = config['head']
KeyError: 'head'
"""
        + _RAISED,
        """
Traceback (most recent call last):
  File "/root/code/{program}", line 190, in <module>
    logits = model(images)
RuntimeError: Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!
""",
    ),
    "command-not-found": (
        "/bin/bash: line 1: {word}: command not found",
        "sh: 1: {word}: not found",
        "bash: {program}: No such file or directory",
    ),
    "killed": (
        "/bin/bash: line 1:    71 Killed                  {command}",
        "run.sh: line 12:    71 Killed                  {command}",
        "Killed",
    ),
    "gpu-oom": (
        """
Traceback (most recent call last):
  File "/root/code/{program}", line 88, in step
    loss.backward()
torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.15 GiB of which 1.31 GiB is free.
""",
        """
[rank{rank}]: Traceback (most recent call last):
[rank{rank}]:   File "/root/code/{program}", line 88, in step
[rank{rank}]: torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 512.00 MiB (GPU 0; 39.59 GiB total capacity; 37.02 GiB already allocated)
"""
        + _RAISED,
        "jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 8589934592 bytes.",
    ),
    "gpu-fault": (
        "RuntimeError: CUDA error: uncorrectable ECC error encountered",
        """
NVRM: Xid (PCI:0000:3b:00): 79, pid=71, name=python3.11, GPU has fallen off the bus.
torch.AcceleratorError: CUDA error: unknown error
""",
        """
Traceback (most recent call last):
  File "/root/code/{program}", line 88, in step
RuntimeError: CUDA error: uncorrectable NVLink error detected during the execution
""",
    ),
    "shared-memory": (
        """
ERROR: Unexpected bus error encountered in worker. This might be caused by insufficient shared memory (shm).
Traceback (most recent call last):
  File "/usr/lib/python3.11/site-packages/torch/utils/data/dataloader.py", line 1011, in _try_get_data
RuntimeError: DataLoader worker (pid 133) is killed by signal: Bus error. It is possible that dataloader's workers are out of shared memory. Please try to raise your shared memory limit.
""",
        """
Traceback (most recent call last):
  File "/root/code/{program}", line 61, in collate
RuntimeError: unable to write to file </torch_71_1_0>: No space left on device (28)
""",
        """
{pod}:71:71 [0] include/shm.h:28 NCCL WARN Call to posix_fallocate failed : No space left on device
[rank{rank}]: ncclSystemError: System call (e.g. socket, malloc) or external library call failed or device error.
""",
    ),
    "aborted": (
        """
terminate called after throwing an instance of 'c10::Error'
  what():  CUDA error: an illegal memory access was encountered
Aborted (core dumped)
""",
        "double free or corruption (!prev)",
        """
Fatal Python error: Aborted

Thread 0x00007f8c3a7fc640 (most recent call first):
  File "/root/code/ops/fused_adam.py", line 61 in step
""",
    ),
    "nccl-error": (
        """
{pod}:71:72 [0] transport/net_ib.cc:1289 NCCL WARN NET/IB : Got completion from peer {last}<41852> with status=12 opcode=0 len=0 vendor err 129 (Recv)
[rank{rank}]: Traceback (most recent call last):
[rank{rank}]:   File "/root/code/{program}", line 212, in <module>
[rank{rank}]: torch.distributed.DistBackendError: NCCL error in: ../torch/csrc/distributed/c10d/ProcessGroupNCCL.cpp:1691, remote process exited or there was a network error, NCCL version 2.19.3
""",
        """
Traceback (most recent call last):
  File "/root/code/{program}", line 212, in <module>
RuntimeError: NCCL error in: /pytorch/torch/lib/c10d/ProcessGroupNCCL.cpp:784, unhandled system error, NCCL version 2.7.8
""",
        """
{pod}:71:72 [0] misc/socket.cc:483 NCCL WARN socketStartConnect: Connect to {last}<45763> failed : Software caused connection abort
ncclSystemError: System call (e.g. socket, malloc) or external library call failed or device error.
""",
    ),
    "rendezvous": (
        """
Traceback (most recent call last):
  File "/root/code/{program}", line 12, in <module>
    dist.init_process_group('nccl')
torch.distributed.DistStoreError: Timed out after 601 seconds waiting for clients. 1/2 clients joined.
""",
        "torch.distributed.elastic.rendezvous.api.RendezvousTimeoutError",
        """
Traceback (most recent call last):
  File "/usr/lib/python3.11/site-packages/torch/distributed/rendezvous.py", line 189, in _create_c10d_store
torch.distributed.DistNetworkError: The client socket has timed out after 900000ms while trying to connect to (master, 23456).
""",
    ),
    "not-executable": (
        "/bin/bash: line 1: ./{program}: Permission denied",
        "sh: 1: {program}: Permission denied",
        "bash: ./{program}: cannot execute binary file: Exec format error",
    ),
    "sigterm": _TERMINATED,
    "preempted": _TERMINATED,
    "reclaimed": _TERMINATED,
}
_GLOO = """
Traceback (most recent call last):
  File "/root/code/{program}", line 212, in <module>
    dist.barrier()
RuntimeError: [../third_party/gloo/gloo/transport/tcp/pair.cc:534] Connection closed by peer [{lost}]:23456
"""
_CUT_OFF = (
    _GLOO,
    """
[rank{rank}]: Traceback (most recent call last):
[rank{rank}]:   File "/root/code/{program}", line 212, in <module>
[rank{rank}]:     dist.all_reduce(loss)
[rank{rank}]: torch.distributed.DistBackendError: NCCL error in: ../torch/csrc/distributed/c10d/ProcessGroupNCCL.cpp:1691, remote process exited or there was a network error, NCCL version 2.19.3
[rank{rank}]: ncclRemoteError: A call failed possibly due to a network error or a remote process exiting prematurely.
[rank{rank}]: Last error:
[rank{rank}]: socketProgress: Connection closed by remote peer {lost}<41852>
""",
    _GLOO,
)
SILENT = frozenset(
    {"command-not-found", "not-executable", "rendezvous"}
)  # nothing of a training is printed before these


def last_words(scene: Scene) -> tuple[str, ...]:
    """The end of the log of a pod that its cause has struck."""
    return _filled(_LAST_WORDS[scene.cause][scene.variant], scene) if scene.cause in _LAST_WORDS else ()


def aftermath(scene: Scene, exit_code: int | None) -> tuple[str, ...]:
    """The end of the log of a pod that fails because another one has: stopped, or cut off from it."""
    texts = _TERMINATED if exit_code == _BY_SIGTERM else _CUT_OFF
    return _filled(texts[scene.variant], scene)


def _filled(text: str, scene: Scene) -> tuple[str, ...]:
    words = scene.command.split()
    filled = text.strip("\n").format(
        pod=scene.pod,
        rank=scene.rank,
        lost=scene.ids[scene.first],
        last=next((pod for pod in reversed(scene.ids) if pod != scene.pod), scene.pod),
        program=scene.program,
        command=scene.command.partition("\n")[0],
        word=words[0] if words else "train",
    )
    return tuple(filled.splitlines())
