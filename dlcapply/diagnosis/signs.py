"""What texts of Kubernetes, its runtimes, NCCL, CUDA, MPI and Python say of a cause, in their many wordings.

Each sign is a row: what it says, how it is worded, and with which ends of a program it may be believed. Signs
of the service are believed as they are; those in a log only together with an end that fits.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from dlcapply.diagnosis.claims import claims_in, is_claimed
from dlcapply.diagnosis.verdicts import Code
from dlcapply.diagnosis.wordings import worded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dlcapply.diagnosis.texts import Statement


# Images, buckets and registries may be called anything.
_ADDRESS = re.compile(r"[\"'](?=[^\"'\s/:]*[/:])[^\"'\s]*[\"']|://\S*")
_OVER = worded(r"已恢复|恢复正常", r"\b(?:has|is|was) (?:resolved|recovered|cleared)\b")


class Sign(NamedTuple):
    code: Code
    pattern: re.Pattern[str]

    def is_told_in(self, text: str) -> bool:
        """Whether the service says that it happened, and that it is not over; addresses may have the word."""
        told = _ADDRESS.sub(" ", text)
        return is_claimed(self.pattern, told) and _OVER.search(told) is None


def _sign(code: Code, *wordings: str) -> Sign:
    return Sign(code, worded(*wordings))


# Of the service: about a pod, or the run.
SERVICE_SIGNS = (
    _sign(
        Code.OOM,
        r"\b(?:Pod|Container)?OOM[- ]?Kill(?:ed|ing|er)?\b|(?-i:\bOOM\b(?! score))",
        r"(?:due to|because of|caused by|reason:) (?:an? )?(?:out[- ]of[- ]memory|oom)\b",
        r"\bmemory limit (?:was |is |has been )?(?:exceeded|reached)",
        r"memory cgroup out of memory",
        r"\bran out of memory\b",
        r"\bSystemOOM\b",
        r"System OOM encountered",
        r"out of memory: Kill",
        r"(?:container|pod|memory)\b.{0,60}\b(?:exceed\w*|over|above)\b.{0,30}\bmemory (?:limit|request)",
        r"memory usage exceed(?:s|ed)(?! \d+ ?%)",
        r"内存(?:溢出|不足|超限|超出)",
        r"超出内存",
    ),
    _sign(
        Code.PREEMPTED,
        r"(?:\b|Job|Pod)preempted\b",
        r"\bpreempted (?:by|in order to|to admit)",
        r"\bPreempting\b",
        r"preemption of (?:the |this )?(?:pod|job|workload)",
        r"(?:victim|because|result) of (?:a )?preempt|\bby preemption\b",
        r"被.{0,12}抢占",
    ),
    _sign(
        Code.RECLAIMED,
        r"(?:\b|Job|Pod)reclaim(?:ed|ing)\b",
        r"\bspot (?:instance|node|capacity|resource)s?\b.{0,60}\b(?:interrupt|terminat|releas|recycl|revok)",
        r"(?:interrupt|terminat|releas|recycl|revok)\w*.{0,60}\bspot (?:instances?|nodes?)\b",
        r"preemptible (?:instance|node)s?\b.{0,60}\b(?:interrupt|terminat|releas|recycl|revok|reclaim)",
        r"instances? (?:was|were|has been|have been|is|are) (?:released|recycled|revoked)",
        r"\b(?:Preemptible|Spot)\w*(?:Interrupt|Releas|Reclaim|Recycl)\w*",
        r"(?:抢占式|竞价)实例.{0,20}(?:释放|回收|中断)",
        r"实例.{0,10}被?回收",
    ),
    _sign(
        Code.DISK_FULL,
        r"low on resource: ephemeral-storage",
        r"ephemeral[- ](?:local )?storage (?:usage )?exceed",
        r"exceed(?:s|ed) its (?:local )?ephemeral storage limit",
        r"exceed(?:s|ed) (?:the )?(?:total )?limit.{0,30}(?:ephemeral|emptyDir|local storage)",
        r"usage of EmptyDir volume .{0,80} exceeds",
        r"no space left on device",
        r"\bDiskPressure\b",
        r"磁盘空间不足",
    ),
    _sign(
        Code.EVICTED,
        r"(?:\b|Job|Pod)Evicted\b",
        r"due to NoExecute taint|imminent node shutdown",
        r"\bEvicting\b",
        r"\bThe node (?:was|had) (?:low on resource|condition)",
        r"\bTaintManagerEviction\b(?!:? Cancell?ing)",
        r"Marking for deletion Pod",
        r"\bNodeNotReady\b",
        r"Node is not ready",
        r"node .{0,60}\b(?:is|was|went) (?:not ready|down|lost|unreachable)\b",
        r"\bNodeLost\b",
        r"被驱逐",
    ),
)

# A scheduler, of a pod that it finds no place for.
SCHEDULING = worded(
    r"FailedScheduling",
    r"\bUnschedulable\b",
    r"\d+/\d+ nodes are available",
    r"\bnodes? are (?:un)?available\b:",
    r"Insufficient (?:nvidia\.com/\w+|aliyun\.com/\S+|cpu|memory|rdma\S*)",
    r"\b(?:NotEnough|OutOf)(?:GPU|CPU|Memory)\b",
    r"NetworkTopologyNotSatisfied",
    r"DriverVersionMismatch",
    r"NodeUnschedulable",
    r"pod group is not ready",
    r"minAvailable",
    r"gang .{0,40}(?:unschedulable|not ready)",
    r"resource in cluster is overused",
    r"couldn't assign flavors",
    r"exceeded quota: ",
    r"UnexpectedAdmissionError|number of devices unavailable for",
)
SHORT_OF = worded(
    r"Insufficient (?!.{0,200}\bcapacity type\b)\S+",
    r"\b(?:NotEnough|OutOf)(?:GPU|CPU|Memory)\b",
    r"preemption: .{0,200}No preemption victims",
    r"insufficient unused quota|exceeded quota: |resource in cluster is overused",
    r"number of devices unavailable for",
)

# The service, of what there is too little of.
STOCK = worded(
    r"resource types? (?:is|are) not enough",
    r"\bresource(?:s)? (?:is|are) (?:not enough|insufficient|sold out)\b",
    r"insufficient (?:stock|inventory|capacity|resources?)",
    r"out of stock|not ?on ?sale",
    r"no (?:stock|inventory|capacity)\b",
    r"\bNoStock\b",
    r"OperationDenied\.NoStock",
    r"ResourceAllocateFailed",
    r"sold out",
    r"stock .{0,30}(?:not enough|insufficient)",
    r"库存(?:不足|紧张)",
    r"资源(?:规格)?(?:不足|售罄|紧张)",
    r"无库存",
)
# Nothing between the words that says the opposite.
_BETWEEN = r"(?:(?!\bnot (?!enough)|\bnever\b|\bpassed\b|\bwithin\b).){0,80}"
QUOTA = worded(
    rf"\bquotas?\b{_BETWEEN}(?:\bfull\b|exceed|insufficient|not enough|exhaust|no (?:free|available))",
    r"(?:exceed|insufficient|not enough|exhaust|beyond)\w*\b.{0,60}\bquota\b",
    r"\bover (?:its|the|your) quota\b(?! \w)",
    r"ExceedResources|\bwaiting for .{0,40}\bquota\b",
    r"\b(?:self_quota|ancestor_quota|user_limit|queue_strategy)\b",
    r"配额.{0,20}(?:不足|超|满|用尽)",
    r"超出.{0,20}配额",
)
BID = worded(
    r"\bbid\b.{0,80}\b(?:below|lower|less|low|under|not accepted|rejected|fail)\w*",
    r"\b(?:below|lower than|less than|under)\b.{0,60}\b(?:market|spot) price",
    r"\b(?:market|spot) price\b.{0,60}\b(?:above|higher|exceeds?|over|greater)\b",
    r"\b(?:price|discount) (?:limit|cap)\b.{0,60}\b(?:below|lower|less|exceed)\w*",
    r"OverSpotPriceLimit",
    r"出价.{0,20}(?:低|不足)",
)
BID_TAKEN = worded(
    r"\bbid\b.{0,20}(?<!not )\b(?:accepted|succeed\w*|won)\b",
    r"\bprice\b.{0,40}\b(?:below|lower than|less than|under)\b.{0,20}\bbid\b",
)
# The service, of a run that has got what it waited for.
GOT_A_PLACE = worded(
    r"\bdequeued\b",
    r"\bresources? (?:is|are|was|were|ha(?:s|ve) been) (?:now )?(?:allocated|ready|granted|enough)\b",
    r"\bSuccessfully assigned\b",
    r"\bstart(?:s|ed|ing)? to create pods?\b",
    r"出队|资源分配成功",
)

# The service, of what ends a run from outside; limits and rules are in model/stop_causes.py.
SANITY = worded(
    r"sanity ?check",
    r"(?:health|computing power) check .{0,40}fail",
    r"(?:健康|算力|硬件)(?:检测|检查).{0,20}(?:失败|异常|不通过)",
)
# The check and its failure, with nothing between them that says the opposite, or of something else.
_NO_MORE = r"(?:(?!pass|succe|exit|[.;] |\uff0c|\uff1b|\u3002).)"
SANITY_FAILED = worded(
    rf"sanity ?check{_NO_MORE}{{0,80}}(?:fail|error|abnormal|unhealthy|not pass|timed? ?out|失败|异常)",
    rf"(?:fail|error|unhealthy|not pass)\w*{_NO_MORE}{{0,40}}sanity ?check(?!\w*:? pass)",
    rf"(?:health|computing power) check {_NO_MORE}{{0,40}}fail",
    rf"(?:健康|算力|硬件)(?:检测|检查){_NO_MORE}{{0,20}}(?:失败|异常|不通过)",
)
FAILED_WORD = re.compile(
    r"fail|error|abnormal|unhealthy|not pass|timed? ?out|失败|异常|不通过", re.IGNORECASE
)
INVALID = worded(
    r"^InvalidParameter",
    r"\bInvalidParameter(?:Value)?\b",
    r"参数(?:错误|不合法|无效)",
)
NO_RESOURCES = worded(
    r"ResourceAllocateFailed",
    r"resource allocation failed",
    r"failed to allocate resource",
)

# A container that the runtime can't start (runc, containerd, crun).
NOT_FOUND = worded(
    r"executable file not found",
    r"exec: .{0,200}?: no such file or directory",
    r"stat \S+: no such file or directory",
    r"no such file or directory: unknown",
    r"container.{0,40}not start.{0,60}no such file",
)
NOT_EXECUTABLE = worded(
    r"exec: .{0,200}?permission denied",
    r"permission denied: unknown",
    r"exec format error",
    r"cannot execute binary",
)

# What a shell, a library or the kernel says ends there, or goes on apart: prose does not.
_END = r"(?=\s*$|\s*[.,()!\uff08]|\s*: |\s{2,}\S)"
# In logs, most telling first: of one line that has several, the first row counts.
LOG_SIGNS = (
    _sign(
        Code.GPU_FAULT,
        r"uncorrectable (?:NVLink|ECC)",
        r"\bECC error",
        r"double[- ]bit ECC",
        r"\bXid\b(?: \(PCI| error| code)[^\n]{0,60}\b(?:48|61|62|63|64|74|79|92|94|95|110|119|120)\b",
        r"GPU has fallen off the bus",
        r"GPU is lost",
        r"CUDA error: (?:hardware stack error|unknown hardware)",
        r"CUDA_ERROR_(?:ECC_UNCORRECTABLE|HARDWARE_STACK_ERROR)",
        r"cudaErrorECCUncorrectable",
        r"row[- ]remap\w* fail",
    ),
    _sign(
        Code.GPU_OOM,
        r"\b(?:CUDA|HIP|NPU|XPU|MPS|PPU|MUSA|GPU) out of memory",
        r"\b(?:torch|cupy)\.(?:\w+\.)*OutOfMemoryError",
        r"\bcuda\w*\b[^:]{0,30}: out of memory",
        r"CUDA_ERROR_OUT_OF_MEMORY",
        r"cudaErrorMemoryAllocation",
        r"(?:CUBLAS|CUDNN)_STATUS_(?:ALLOC_FAILED|INTERNAL_ERROR_DEVICE_ALLOC)",
        r"OOM when allocating tensor",
        r"RESOURCE_EXHAUSTED: .{0,80}(?:out of memory|OOM|allocat)",
        r"Dst tensor is not initialized",
        r"Cuda failure .{0,20}out of memory|out of memory error on GPU",
    ),
    _sign(
        Code.SHARED_MEMORY,
        rf"(?:\bBus error\b|总线错误){_END}",
        r"unexpected bus error encountered|\bSIGBUS\b",
        r"insufficient shared memory",
        r"out of shared memory",
        r"lack of shared memory",
        r"unable to (?:mmap|allocate|write to|open) .{0,40}shared memory",
        r"unable to (?:mmap|write to|open) .{0,40}</?torch_",  # PyTorch's files in /dev/shm
        r"NCCL WARN Call to posix_fallocate failed",
        r"/dev/shm\b.{0,60}(?:no space|too small|\bis full)",  # noqa: S108  a text, and no file
        r"No space left on device.{0,80}/dev/shm",
        r"NCCL .{0,60}(?:/dev/shm|shm).{0,60}(?:No space|fail)",
        r"Error while creating shared memory segment",
    ),
    _sign(
        Code.DISK_FULL,
        r"No space left on device|设备上没有空间",
        r"\[Errno 28\]",
        r"Disk quota exceeded",
        r"\[Errno 122\]",
        r"\bdisk (?:is )?full(?=\s*(?:$|[.!,]))",
    ),
    _sign(
        Code.MPI_SSH,
        r"ssh: connect to host",
        r"ssh: Could not resolve hostname",
        r"(?:ssh|kex)_exchange_identification",
        r"Host key verification failed",
        r"Permission denied \((?:publickey|password|keyboard)",
        r"(?:ORTE|PRTE|PMIX) (?:was unable to reliably start|has lost communication|does not know how)",
        r"An ORTE daemon has unexpectedly failed",
        r"A daemon .{0,80}(?:died unexpectedly|failed to start)",
        r"(?:mpirun|mpiexec|prterun|prun).{0,80}(?:unable to (?:launch|start|reach)|lost connection)",
        r"MPI .{0,40}ssh",
        r"Connection (?:to \S+ )?closed by remote host",
        r"plm:(?:rsh|ssh)",
    ),
    _sign(
        Code.NCCL_TIMEOUT,
        r"caught collective operation timeout",
        r"collective (?:operation|communication)s? .{0,40}timed? ?out",
        r"NCCL operations? (?:have|has) (?:failed or )?timed out",
        r"Some NCCL operations have failed or timed out",
        r"ran for \d+ milliseconds before timing out",
        r"\ball-?reduce time-?out\b",
        r"watchdog (?:thread )?[^,]{0,60}timed out",
        r"due to ProcessGroupNCCL watchdog hang|ProcessGroupNCCL.{0,4} watchdog got stuck",
        r"NCCL (?:communicator|collective|work)\b.{0,60}timed out",
        r"Timed out waiting \d+ms for (?:recv|send) operation",
        r"Watchdog .{0,20}timeout at collective",
        r"BARRIER timed out",
        r"monitoredBarrier .{0,60}timed out|timed out in monitoredBarrier|failed to pass monitoredBarrier",
        r"Heartbeat monitor timed out|due to (?:a )?collective timeout|timed out in blocking wait",
        r"detected by watchdog at work",
    ),
    _sign(
        Code.RENDEZVOUS,
        r"retrieving ncclUniqueId|store->get\(.{0,40}\) got error",
        r"RendezvousTimeoutError",
        r"RendezvousConnectionError",
        r"RendezvousClosedError",
        r"Timed out after \d+ seconds waiting for clients",
        r"(?:Error: |\[E socket.{0,30}\] )The client socket has (?:failed to connect|timed out)",
        r"Timed out initializing process group",
        r"failed to (?:join|connect to) .{0,40}(?:rendezvous|TCPStore|MASTER_ADDR)",
        r"connect\(\) timed out.{0,200}TCPStore",
        r"DistNetworkError: (?!The server socket)",  # whose port is taken
        r"DistStoreError",
    ),
    _sign(
        Code.NCCL_ERROR,
        r"\bnccl(?:System|Internal|UnhandledCuda|Remote|InvalidUsage|InvalidArgument)Error\b",
        r"NCCL error (?:in\b|:|\d+: )",
        r"NCCL WARN .{0,80}(?:fail|error|timeout)",
        r"unhandled (?:system|cuda|internal) error.{0,200}NCCL",
        r"IBV_WC_\w+_ERR",
        r"Got completion .{0,60}with (?:error|status)",
    ),
    _sign(
        Code.OOM,
        r"Memory cgroup out of memory",
        r"oom-kill:constraint",
        r"Out of memory: Kill(?:ed)? process",
        r"^Task in .{0,200} killed as a result of limit of",
        r"oom_reaper",
        r"\bOOM ?Killed\b",
        r"^(?:\w+\.)*(?!OutOf)\w*MemoryError\b(?::|\s*$)",
        r"Cannot allocate memory|无法分配内存",
        r"(?:throwing an instance of ')?std::bad_alloc",
        r"DefaultCPUAllocator: (?:can't|not enough)",
        r"java\.lang\.OutOfMemoryError",
        r"ray\.exceptions\.OutOfMemoryError",
        r"low on memory.{0,60}killed",
        r"Workers? \(tasks / actors\) killed due to memory pressure",
    ),
    _sign(
        Code.SEGFAULT,
        rf"(?:\bSegmentation fault\b|段错误){_END}",
        r"\bSIGSEGV\b(?! or |,? (?:and )?SIG)|segfault encountered|unexpected segmentation fault encountered",
        r"(?:exitcode|return code)\s*[:=]?\s*-11\b",
        r"(?:exited on|terminated by) signal 11\b",
        r"Signal: Segmentation|Caught signal 11\b",
        r"Fatal Python error: Segmentation",
    ),
    _sign(
        Code.KILLED,
        r"(?:exitcode|return code)\s*[:=]?\s*-9\b|terminated with signal SIGKILL",
        r"\(exitcode: -9\)",
        r"Signal 9 \(SIGKILL\)",
        r"(?:exited on|terminated by) signal 9\b",
        r"killed by signal: Killed",
        r"died with <Signals\.SIGKILL",
        r"^(?:Killed|已杀死)\s*$",
        r"signal: killed",
        r": (?:line|行) \d+: +\d+ (?:Killed\b|已杀死)",
        r"^\s*\d+ Killed\s{2,}\S",
        r"\btasks? [\d,-]+: Killed\b",
    ),
    _sign(
        Code.SIGTERM,
        r"(?:exitcode|return code)\s*[:=]?\s*-15\b",
        r"Signal 15 \(SIGTERM\)",
        r"received (?:signal )?(?:SIGTERM|15|Signals\.SIGTERM)\b(?! handler)",
        r"exited on signal 15\b",
        r"got signal: 15",
        r"SignalException",
        r"^(?:Terminated|已终止)\s*$",
    ),
    _sign(
        Code.ABORTED,
        r"(?:exitcode|return code)\s*[:=]?\s*-6\b",
        r"Signal 6 \(SIGABRT\)",
        r"exited on signal 6\b",
        rf"^(?:Aborted|已放弃|已中止){_END}",
        r"terminate called after throwing",
        r"Fatal Python error: Aborted",
    ),
    _sign(
        Code.NOT_FOUND,
        r"command not found",
        r": not found$",
        r"No such file or directory",
        r"can't open file",
        r"未找到命令",
    ),
    _sign(
        Code.NOT_EXECUTABLE,
        r"permission denied",
        r"cannot execute",
        r"exec format error",
        r"权限不够",
    ),
)
_ANY_LOG_SIGN = worded(*(sign.pattern.pattern for sign in LOG_SIGNS))

# In logs, what follows from the end of another pod.
AFTERMATH = worded(
    r"Connection reset by peer",
    r"Connection closed by (?:remote )?peer",
    r"Broken pipe",
    r"recv(?:Value|Bytes)? failed",
    r"Socket Timeout",
    r"store->?get",
    r"peer closed",
    r"remote process exit",
    r"failed to recv, got 0 bytes",
    r"Connection refused",
)
# What a program says that waits for others to come up.
WAITS_FOR_OTHERS = worded(
    r"Waiting for (?:workers|clients|all|peers|other|rank|master|the )",
    r"waiting for .{0,30}(?:to join|ready)",
    r"NCCL INFO (?:Bootstrap|Connected|Channel|comm 0x\w+ rank|NET/|Using)",
    r"rendezvous.{0,30}wait",
)


def signs_in(text: str) -> tuple[Code, ...]:
    """What a line of a log may tell of, most telling first."""
    return claims_in(text, LOG_SIGNS) if _ANY_LOG_SIGN.search(text) else ()


def told_of(statements: Iterable[Statement], pattern: re.Pattern[str]) -> Statement | None:
    """The first that says that it happened."""
    return next((one for one in statements if is_claimed(pattern, one.bare)), None)


def first_of(statements: Iterable[Statement], pattern: re.Pattern[str]) -> Statement | None:
    return next((one for one in statements if pattern.search(one.bare)), None)
