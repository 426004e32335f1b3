"""What texts of Kubernetes, its runtimes, NCCL, CUDA, MPI and Python say of a cause, in their many wordings.

Each sign is a row: what it says, how it is worded, and with which ends of a program it may be believed. Signs
of the service are believed as they are; those in a log only together with an end that fits.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from dlcapply.diagnosis.verdicts import Code

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dlcapply.diagnosis.texts import Statement


class Sign(NamedTuple):
    code: Code
    pattern: re.Pattern[str]

    def is_in(self, text: str) -> bool:
        return self.pattern.search(text) is not None


def _sign(code: Code, *wordings: str) -> Sign:
    return Sign(code, re.compile("|".join(wordings), re.IGNORECASE))


# Of the service: about a pod, or the run.
SERVICE_SIGNS = (
    _sign(
        Code.OOM,
        r"\bOOM[- ]?Kill(?:ed|ing|er)?\b",
        r"memory cgroup out of memory",
        r"\bSystemOOM\b|System OOM encountered",
        r"out of memory: Kill",
        r"(?:container|pod|memory)\b.{0,60}\b(?:exceed(?:ed|s|ing)?|over|above)\b.{0,30}\bmemory (?:limit|request)",
        r"memory usage exceed(?:s|ed)",
        r"内存(?:溢出|不足|超限|超出)|超出内存",
    ),
    _sign(
        Code.PREEMPTED,
        r"\bpreempted\b",
        r"\bpreempted (?:by|in order to|to admit)",
        r"\bPreempting\b",
        r"preemption of (?:the |this )?(?:pod|job|workload)",
        r"被抢占",
    ),
    _sign(
        Code.RECLAIMED,
        r"\breclaim(?:ed|ing)\b",
        r"\bspot (?:instances?|nodes?|capacity|resources?)\b.{0,60}\b(?:interrupt|terminat|releas|recycl|revok)\w*",
        r"(?:interrupt|terminat|releas|recycl|revok)\w*.{0,60}\bspot (?:instances?|nodes?)\b",
        r"instances? (?:was|were|has been|have been|is|are) (?:released|recycled|revoked)",
        r"抢占式实例.{0,20}(?:释放|回收|中断)|实例.{0,10}被?回收",
    ),
    _sign(
        Code.DISK_FULL,
        r"low on resource: ephemeral-storage",
        r"ephemeral[- ](?:local )?storage (?:usage )?exceed",
        r"exceed(?:s|ed) (?:the )?(?:total )?limit.{0,30}(?:ephemeral|emptyDir|local storage)",
        r"usage of EmptyDir volume .{0,80} exceeds",
        r"no space left on device",
        r"\bDiskPressure\b|磁盘空间不足",
    ),
    _sign(
        Code.EVICTED,
        r"\bEvicted\b",
        r"\bEvicting\b|\bThe node (?:was|had) (?:low on resource|condition)",
        r"\bTaintManagerEviction\b|Marking for deletion Pod|\bNodeNotReady\b|Node is not ready",
        r"node .{0,60}\b(?:is|was|went) (?:not ready|down|lost|unreachable)\b|\bNodeLost\b",
        r"被驱逐",
    ),
)

# A scheduler, of a pod that it finds no place for.
SCHEDULING = re.compile(
    r"FailedScheduling|\bUnschedulable\b|\d+/\d+ nodes are available|\bnodes? are (?:un)?available\b:"
    r"|Insufficient (?:nvidia\.com/\w+|aliyun\.com/\S+|cpu|memory|rdma\S*)"
    r"|\b(?:NotEnough|OutOf)(?:GPU|CPU|Memory)\b|NetworkTopologyNotSatisfied|DriverVersionMismatch|NodeUnschedulable"
    r"|pod group is not ready|minAvailable|gang .{0,40}(?:unschedulable|not ready)",
    re.IGNORECASE,
)
SHORT_OF = re.compile(
    r"Insufficient (?!.*\bcapacity type\b)\S+|\b(?:NotEnough|OutOf)(?:GPU|CPU|Memory)\b"
    r"|preemption: .*No preemption victims",
    re.IGNORECASE,
)

# The service, of what there is too little of.
STOCK = re.compile(
    r"resource types? (?:is|are) not enough|\bresource(?:s)? (?:is|are) (?:not enough|insufficient|sold out)\b"
    r"|insufficient (?:stock|inventory|capacity|resources?)|out of stock|no (?:stock|inventory|capacity)\b"
    r"|\bNoStock\b|OperationDenied\.NoStock|ResourceAllocateFailed|sold out|stock .{0,30}(?:not enough|insufficient)"
    r"|库存不足|资源(?:规格)?(?:不足|售罄|紧张)|无库存",
    re.IGNORECASE,
)
QUOTA = re.compile(
    r"\bquota\b.{0,80}(?:\bfull\b|exceed|insufficient|not enough|exhaust|no (?:free|available)|limit reached|queu)"
    r"|(?:exceed|insufficient|not enough|exhaust|beyond|over)\w*\b.{0,60}\bquota\b|ExceedResources|"
    r"\b(?:self_quota|ancestor_quota|user_limit|queue_strategy)\b|配额.{0,20}(?:不足|超|满|用尽)|超出.{0,20}配额",
    re.IGNORECASE,
)
BID = re.compile(
    r"\bbid\b.{0,80}\b(?:below|lower|less|low|under|not accepted|rejected|fail)\w*"
    r"|\b(?:below|lower than|less than|under)\b.{0,60}\b(?:market|spot) price"
    r"|\b(?:market|spot) price\b.{0,60}\b(?:above|higher|exceeds?|over|greater)\b"
    r"|\b(?:price|discount) (?:limit|cap)\b.{0,60}\b(?:below|lower|less|exceed)\w*|OverSpotPriceLimit|出价.{0,20}(?:低|不足)",
    re.IGNORECASE,
)

# The service, of what ends a run from outside.
TIME_LIMIT = re.compile(
    r"max(?:imum|imal)?[ _-]?(?:job[ _-]?)?(?:running|run|execution|training|allowed)[ _-]?(?:time|duration|hours|minutes)"
    r"|(?:running|run|execution) ?(?:time|duration).{0,40}(?:exceed|limit|longer|over)\w*|MaxRunningTimeExceeded"
    r"|ran longer than|(?:exceed|reach|over)\w*.{0,40}(?:running|run|execution|active) ?(?:time|duration|deadline)"
    r"|DeadlineExceeded|activeDeadline|(?:运行|执行)(?:时长|时间).{0,12}(?:超|上限|限制|达到)|超.{0,12}(?:运行时长|运行时间|最大时长)",
    re.IGNORECASE,
)
POLICY = re.compile(
    r"workspace.{0,80}\b(?:polic(?:y|ies)|limit(?:s|ed)?|not allow|forbid|forbidden|restrict|rule|configur\w+|setting)\w*"
    r"|\bpolic(?:y|ies)\b.{0,80}\b(?:workspace|reject|denied|den(?:y|ies)|forbid|violat|block|stopp?)\w*"
    r"|\bviolat\w+\b.{0,60}\bpolic|工作空间.{0,40}(?:策略|限制|禁止|不允许|配置)",
    re.IGNORECASE,
)
SANITY = re.compile(
    r"sanity ?check|(?:health|computing power) check .{0,40}fail|(?:健康|算力|硬件)(?:检测|检查).{0,20}(?:失败|异常|不通过)",
    re.IGNORECASE,
)
FAILED_WORD = re.compile(r"fail|error|abnormal|unhealthy|not pass|timed? ?out|失败|异常|不通过", re.IGNORECASE)
BY_PERSON = re.compile(
    r"stopped by (?:the )?user|StoppedByUser|stopped manually|manually stopped|user (?:has )?stopp(?:ed|ing)"
    r"|被?用户.{0,6}(?:停止|终止|手动)|手动停止",
    re.IGNORECASE,
)
INVALID = re.compile(r"^InvalidParameter|\bInvalidParameter(?:Value)?\b|参数(?:错误|不合法|无效)", re.IGNORECASE)
NO_RESOURCES = re.compile(r"ResourceAllocateFailed|resource allocation failed|failed to allocate resource", re.IGNORECASE)

# A container that the runtime can't start (runc, containerd, crun).
NOT_FOUND = re.compile(
    r"executable file not found|exec: .{0,200}?: no such file or directory|stat \S+: no such file or directory"
    r"|no such file or directory: unknown|container.{0,40}not start.{0,60}no such file",
    re.IGNORECASE,
)
NOT_EXECUTABLE = re.compile(
    r"exec: .{0,200}?permission denied|permission denied: unknown|exec format error|cannot execute binary",
    re.IGNORECASE,
)

# In logs, most telling first: of one line that has several, the first row counts.
LOG_SIGNS = (
    _sign(
        Code.GPU_FAULT,
        r"uncorrectable (?:NVLink|ECC)|\bECC error|double[- ]bit ECC",
        r"\bXid\b[^\n]{0,60}\b(?:48|61|62|63|64|74|79|92|94|95|110|119|120)\b",
        r"GPU has fallen off the bus|GPU is lost|CUDA error: (?:hardware stack error|unknown hardware)",
        r"CUDA_ERROR_(?:ECC_UNCORRECTABLE|HARDWARE_STACK_ERROR)|cudaErrorECCUncorrectable|row[- ]remap\w* fail",
    ),
    _sign(
        Code.GPU_OOM,
        r"CUDA out of memory|\btorch\.(?:cuda\.)?OutOfMemoryError|CUDA error: out of memory",
        r"CUDA_ERROR_OUT_OF_MEMORY|cudaErrorMemoryAllocation|(?:CUBLAS|CUDNN)_STATUS_(?:ALLOC_FAILED|INTERNAL_ERROR_DEVICE_ALLOC)",
        r"HIP out of memory|OOM when allocating tensor|RESOURCE_EXHAUSTED: .{0,80}(?:out of memory|OOM|allocat)",
        r"Dst tensor is not initialized|NCCL .{0,40}Cuda failure .{0,20}out of memory",
    ),
    _sign(
        Code.SHARED_MEMORY,
        r"\bBus error\b|\bSIGBUS\b|insufficient shared memory|out of shared memory|lack of shared memory",
        r"unable to (?:mmap|allocate|write to|open) .{0,40}shared memory|/dev/shm.{0,60}(?:no space|too small|full)",
        r"No space left on device.{0,80}/dev/shm|exitcode\s*:\s*-7\b",
        r"NCCL .{0,60}(?:/dev/shm|shm).{0,60}(?:No space|fail)|Error while creating shared memory segment",
    ),
    _sign(Code.DISK_FULL, r"No space left on device|\[Errno 28\]|Disk quota exceeded|\[Errno 122\]|disk (?:is )?full"),
    _sign(
        Code.MPI_SSH,
        r"ssh: connect to host|ssh: Could not resolve hostname|(?:ssh|kex)_exchange_identification",
        r"Host key verification failed|Permission denied \((?:publickey|password|keyboard)",
        r"(?:ORTE|PRTE|PMIX) (?:was unable to reliably start|has lost communication|does not know how to route)",
        r"An ORTE daemon has unexpectedly failed|A daemon .{0,80}(?:died unexpectedly|failed to start)",
        r"(?:mpirun|mpiexec|prterun|prun).{0,80}(?:unable to (?:launch|start|reach)|lost connection)",
        r"MPI .{0,40}ssh|Connection (?:to \S+ )?closed by remote host|plm:(?:rsh|ssh)",
    ),
    _sign(
        Code.NCCL_TIMEOUT,
        r"caught collective operation timeout|collective (?:operation|communication)s? .{0,40}timed? ?out",
        r"NCCL operations? (?:have|has) (?:failed or )?timed out|Some NCCL operations have failed or timed out",
        r"ran for \d+ milliseconds before timing out|\ball-?reduce time-?out\b",
        r"watchdog (?:thread )?.{0,60}(?:timeout|timed out)|NCCL (?:communicator|collective|work)\b.{0,60}timed out",
        r"Timed out waiting \d+ms for (?:recv|send) operation|Watchdog .{0,20}timeout at collective",
        r"BARRIER timed out|monitoredBarrier .{0,60}timed out|Heartbeat monitor timed out",
    ),
    _sign(
        Code.RENDEZVOUS,
        r"RendezvousTimeoutError|RendezvousConnectionError|RendezvousClosedError",
        r"Timed out after \d+ seconds waiting for clients|The client socket has (?:failed to connect|timed out)",
        r"waiting for clients\. \d+/\d+ clients joined|failed to (?:join|connect to) .{0,40}(?:rendezvous|TCPStore|MASTER_ADDR)",
        r"connect\(\) timed out.*TCPStore|DistNetworkError|DistStoreError",
    ),
    _sign(
        Code.NCCL_ERROR,
        r"\bnccl(?:System|Internal|UnhandledCuda|Remote|InvalidUsage|InvalidArgument)Error\b",
        r"NCCL error (?:in|:)|NCCL WARN .{0,80}(?:fail|error|timeout)|unhandled (?:system|cuda|internal) error.*NCCL",
        r"IBV_WC_\w+_ERR|Got completion .{0,60}with (?:error|status)",
    ),
    _sign(
        Code.OOM,
        r"Memory cgroup out of memory|oom-kill:constraint|Out of memory: Kill(?:ed)? process|oom_reaper|\bOOM ?Killed\b",
        r"^(?:\w+\.)*MemoryError\b|Cannot allocate memory|std::bad_alloc|DefaultCPUAllocator: (?:can't|not enough)",
        r"java\.lang\.OutOfMemoryError|ray\.exceptions\.OutOfMemoryError|low on memory.{0,60}killed",
        r"Workers? \(tasks / actors\) killed due to memory pressure",
    ),
    _sign(
        Code.SEGFAULT,
        r"\bSegmentation fault\b|\bSIGSEGV\b|exitcode\s*:?\s*-11\b|exited on signal 11\b|Signal: Segmentation",
        r"Fatal Python error: Segmentation",
    ),
    _sign(
        Code.KILLED,
        r"exitcode\s*:?\s*-9\b|\(exitcode: -9\)|Signal 9 \(SIGKILL\)|exited on signal 9\b|killed by signal: Killed",
        r"died with <Signals\.SIGKILL|^Killed\b|signal: killed|: line \d+: +\d+ Killed\b|^\s*\d+ Killed\b",
    ),
    _sign(
        Code.SIGTERM,
        r"exitcode\s*:?\s*-15\b|Signal 15 \(SIGTERM\)|received (?:signal )?(?:SIGTERM|15|Signals\.SIGTERM)",
        r"exited on signal 15\b|Received SIGTERM|got signal: 15|SignalException|^Terminated\b",
    ),
    _sign(
        Code.ABORTED,
        r"exitcode\s*:?\s*-6\b|Signal 6 \(SIGABRT\)|exited on signal 6\b|^Aborted\b|terminate called after throwing",
        r"Fatal Python error: Aborted",
    ),
    _sign(Code.NOT_FOUND, r"command not found|: not found$|No such file or directory|can't open file|未找到命令"),
    _sign(Code.NOT_EXECUTABLE, r"permission denied|cannot execute|exec format error|权限不够"),
)
ANY_LOG_SIGN = re.compile("|".join(sign.pattern.pattern for sign in LOG_SIGNS), re.IGNORECASE)

# In logs, what follows from the end of another pod.
AFTERMATH = re.compile(
    r"Connection reset by peer|Connection closed by (?:remote )?peer|Broken pipe|recv(?:Value|Bytes)? failed"
    r"|Socket Timeout|store->?get|peer closed|remote process exit|failed to recv, got 0 bytes|Connection refused",
    re.IGNORECASE,
)
# What a program says that waits for others to come up.
WAITS_FOR_OTHERS = re.compile(
    r"Waiting for (?:workers|clients|all|peers|other|rank|master|the )|waiting for .{0,30}(?:to join|ready)"
    r"|NCCL INFO (?:Bootstrap|Connected|Channel|comm 0x\w+ rank|NET/|Using)|rendezvous.{0,30}wait",
    re.IGNORECASE,
)


def signs_in(text: str, signs: Iterable[Sign] = SERVICE_SIGNS) -> Iterator[Sign]:
    return (sign for sign in signs if sign.is_in(text))


def first_of(statements: Iterable[Statement], pattern: re.Pattern[str]) -> Statement | None:
    return next((one for one in statements if pattern.search(one.bare)), None)
