"""The logs of a whole run: pods restart, lines come late, calls fail, and nothing is lost or repeated.

`DLCAPPLY_LOG_LINES=100000` makes it long, by hand: so many lines of each of ten pods.
"""

from __future__ import annotations

import gc
import os
import tracemalloc
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from dlcapply.errors import DlcapplyError, FailureKind, ServiceError
from dlcapply.model.runs import Run
from dlcapply.operating.log_position import LAG
from dlcapply.operating.log_stream import LogStream, Wishes
from dlcapply.operating.pod_lives import Choice
from tests.operating.kept_log import CLOSED, OPEN, PARTS, WHOLE, KeptLog

LINES = int(os.environ.get("DLCAPPLY_LOG_LINES", "800"))
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)


def seconds(moment):
    return moment.timestamp()


class KeptRun:
    """A run by a clock that sleeps turn: when its pods begin, restart and end, and what each life prints."""

    def __init__(self, *, lasts=600, status="Succeeded", **ways):
        self.ways = ways
        self.time = seconds(BEGIN)
        self.ends = self.time + lasts
        self.status = status
        self.pods = {}  # short name -> [(uid, from, to, log)]
        self.calls = 0
        self.failing = lambda _: False

    def life(self, name, start=0, end=None, **ways):
        """A log for one more life of the pod, between these seconds of the run."""
        log = KeptLog(**{**self.ways, **ways})
        begin = seconds(BEGIN) + start
        lives = self.pods.setdefault(name, [])
        lives.append((f"{name}-{len(lives)}", begin, self.ends if end is None else seconds(BEGIN) + end, log))
        return log

    # The service
    def look(self):
        self._call()
        pods = [self._pod(name, lives) for name, lives in self.pods.items()]
        status = self.status if self.time >= self.ends else "Running"
        body = {"Pods": [pod for pod in pods if pod], "JobSpecs": [{"PodCount": len(self.pods)}]}
        return Run("dlc1", "train", status, BEGIN.isoformat(), body, detailed=True)

    def _pod(self, name, lives):
        begun = [self._shown(name, *life) for life in lives if life[1] <= self.time]
        return begun[-1] | {"HistoryPods": begun[:-1]} if begun else None

    def _shown(self, name, uid, begin, end, _):
        pod = {"PodId": f"dlc1-{name}", "PodUid": uid, "Type": name.partition("-")[0].title()}
        pod |= {"GmtCreateTime": datetime.fromtimestamp(begin, UTC).isoformat(), "Status": "Running"}
        if self.time >= end:
            pod |= {"GmtFinishTime": datetime.fromtimestamp(end, UTC).isoformat(), "Status": "Succeeded"}
        return pod

    def ask(self, life):
        log = next(log for uid, *_, log in self.pods[life.name] if uid == life.uid)

        def ask(start, end, most):
            self._call()
            log.now = self.time
            return log.ask(start, end, most)

        return ask

    def _call(self):
        self.calls += 1
        if self.failing(self.calls):
            raise ServiceError("throttled", kind=FailureKind.NOT_EXECUTED, code="Throttling")

    def now(self):
        return int(self.time)

    # The clock
    def monotonic(self):
        return self.time

    def sleep(self, slept):
        self.time += slept

    def stream(self, **wishes):
        self.told, self.became = [], []

        def tell(text):
            (self.became if text.startswith("train is ") else self.told).append(text)

        return LogStream(self, self, Wishes(**wishes), tell, self.look())


def texts(batches):
    return [(one.life.name, one.line.raw) for batch in batches for one in batch]


def kept(run):
    return [(name, text) for name, lives in run.pods.items() for *_, log in lives for text in all_of(log)]


def all_of(log):
    return [text for _, _, text in log.lines]


def busy_run(lines, **ways):
    """Ten pods that print so many lines each in ten minutes: alike, in bursts, late, over two restarts."""
    run = KeptRun(**ways)
    for number in range(10):
        name = f"worker-{number}"
        cuts = [0, 200, 400, 600] if number < 2 else [0, 600]
        for start, end in pairwise(cuts):
            log = run.life(name, start, end)
            count = lines * (end - start) // 600
            for at in range(count):
                when = seconds(BEGIN) + start + (end - start) * at / count
                burst = int(when) if at % 7 else when
                lag = (0, 0, 0, 3, LAG - 6)[at % 5] if at % 11 == 0 else 0
                log.add(burst, ("tick" if at % 3 else f"step {at}"), lag=lag, prefix=number % 2 == 0)
    return run


@pytest.mark.sweep
@pytest.mark.parametrize(("end", "keeps"), [(CLOSED, WHOLE), (OPEN, PARTS)])
def test_ten_pods_lose_and_repeat_nothing(end, keeps):
    run = busy_run(LINES, end=end, keeps=keeps)
    run.failing = lambda call: call > 1 and call % 13 in {0, 1}
    stream = run.stream()
    told = Counter(texts(stream.follow()))
    assert told == Counter(kept(run))
    assert stream.run.status == "Succeeded"
    assert run.became == ["train is Succeeded now: what comes late is waited for, up to 30 s"]
    assert stream.missing == set()
    assert run.time < run.ends + 3 * LAG


@pytest.fixture
def garbage_goes():
    """Garbage in cycles is no memory that is held."""
    often = gc.get_threshold()
    gc.set_threshold(500, 5, 5)
    yield
    gc.set_threshold(*often)


@pytest.mark.sweep
@pytest.mark.usefixtures("garbage_goes")
def test_memory_does_not_grow_with_the_log():
    peaks = []
    for lasts in (90, 300):
        run = KeptRun(lasts=lasts)
        for name in ("worker-0", "worker-1"):
            log = run.life(name)
            for at in range(lasts * 2):
                log.add(seconds(BEGIN) + at / 2, f"line {at}")
        stream = run.stream()
        tracemalloc.start()
        for _ in stream.follow():
            for *_, log in run.pods["worker-0"] + run.pods["worker-1"]:
                log.calls.clear()
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.6 * peaks[0]  # who keeps the lines needs far more


def test_of_each_pod_lines_come_in_their_order_and_lives_one_after_the_other():
    run = KeptRun(lasts=100)
    for start, end in ((0, 50), (50, 100)):
        log = run.life("worker-0", start, end)
        for at in range(start, end):
            log.add(seconds(BEGIN) + at + 0.5, f"life {start} line {at}")
    told = texts(run.stream().follow())
    assert told == kept(run)
    assert run.told == ["restarted: worker-0: what follows is from a new life"]


def test_following_makes_few_calls_a_second():
    run = busy_run(500)
    stream = run.stream()
    begun = run.calls, run.time
    for _ in stream.follow():
        pass
    assert (run.calls - begun[0]) / (run.time - begun[1]) <= 10


def test_all_lines_so_far_are_merged_by_time_and_read_in_few_calls():
    run = KeptRun(lasts=3_600)
    for number in range(3):
        log = run.life(f"worker-{number}")
        for at in range(2_999):
            log.add(seconds(BEGIN) + at + number / 10, f"{at:05} {number}")
    run.time = run.ends + 60
    told = texts([run.stream().lines()])
    assert [text for _, text in told] == sorted(text for _, text in kept(run))
    assert run.calls == 1 + 3


def test_the_newest_lines_of_each_pod_and_then_what_comes():
    run = KeptRun(lasts=200)
    first, second = run.life("worker-0", 0, 100), run.life("worker-0", 100, 200)
    for at in range(100):
        first.add(seconds(BEGIN) + at, f"a{at}")
        second.add(seconds(BEGIN) + 100 + at, f"b{at}")
    run.time = seconds(BEGIN) + 102.5
    told = [text.rpartition(" ")[2] for _, text in texts(run.stream(tail=5).follow())]
    assert told == ["a98", "a99", *(f"b{at}" for at in range(100))]
    run.time, run.failing = seconds(BEGIN) + 102.5, lambda call: call == run.calls_before + 2
    run.calls_before = run.calls
    told = [text.rpartition(" ")[2] for _, text in texts(run.stream(tail=5).follow())]
    assert told == [f"b{at}" for at in range(100)]  # two seconds later
    told = [text.rpartition(" ")[2] for _, text in texts([run.stream(tail=2).lines()])]
    assert told == ["b98", "b99"]


def test_only_what_was_chosen():
    run = KeptRun(lasts=100)
    for name, start, end in (
        ("master-0", 0, 100),
        ("worker-0", 0, 50),
        ("worker-0", 50, 100),
        ("worker-1", 0, 100),
    ):
        log = run.life(name, start, end)
        for at in range(start, end, 10):
            log.add(seconds(BEGIN) + at, f"{name} {at}")
    run.time = run.ends + LAG

    def told(**wishes):
        return [text[21:] for _, text in texts([run.stream(**wishes).lines()])]

    assert {one[:8] for one in told(choice=Choice(roles=("MASTER",)))} == {"master-0"}
    assert told(choice=Choice(pods=("dlc1-worker-1",)))[:2] == ["worker-1 0", "worker-1 10"]
    assert told(previous=True) == [f"worker-0 {at}" for at in range(0, 50, 10)]
    assert told(since=LAG + 30.0, choice=Choice(pods=("worker-0", "master-0"))) == [
        f"{name} {at}" for at in (70, 80, 90) for name in ("master-0", "worker-0")
    ]
    with pytest.raises(DlcapplyError) as error:
        told(choice=Choice(pods=("worker-7",)))
    assert "worker-1 (Worker)" in error.value.hint
    with pytest.raises(DlcapplyError, match="restarted"):
        told(previous=True, choice=Choice(pods=("master-0",)))


def test_a_pod_that_can_not_be_read_is_told_once_and_given_up_at_the_end():
    run = KeptRun(lasts=100, status="Failed")
    run.life("worker-0").add(seconds(BEGIN) + 1, "a")
    broken = run.life("worker-1")
    broken.failing = 10**6
    stream = run.stream()
    assert texts(stream.follow()) == [("worker-0", "2026-01-05 00:00:01  a")]
    assert (stream.missing, stream.run.status) == ({"worker-1"}, "Failed")
    assert run.told == ["worker-1: its log can't be read now: no answer"]
    broken.failing = 10**6
    stream = run.stream()
    assert len(list(stream.lines())) == 1
    assert stream.missing == {"worker-1"}


def test_lines_that_nobody_can_have_are_told_as_a_gap_and_once():
    run = KeptRun(lasts=15, most=50)
    log = run.life("worker-0")
    for at in range(60):
        log.add(seconds(BEGIN) + at / 7, f"line {at}")
    for at in range(200):
        log.add(seconds(BEGIN) + 10.5 + at / 1_000, f"line {at}")
    stream = run.stream()
    assert len(texts(stream.follow())) == 60 + 50
    assert len(run.told) == 1
    assert "LINES ARE MISSING at 2026-01-05 00:00:10 UTC" in run.told[0]
    assert stream.missing == {"worker-0"}


def test_a_log_that_is_saved_and_could_not_be_read_lacks_lines():
    run = KeptRun(lasts=0)
    run.life("worker-0").add(seconds(BEGIN), "a")
    stream = run.stream()
    (life,) = stream.lives()
    run.failing = lambda _: True
    assert list(stream.lines_of(life)) == []
    assert (stream.is_whole(life), stream.missing) == (False, {"worker-0"})


def test_it_ends_though_the_services_clock_stands_still():
    run = KeptRun(lasts=0)
    run.life("worker-0").add(seconds(BEGIN), "a")
    ticks = iter(range(10_000))
    run.sleep = lambda _: None
    run.monotonic = lambda: float(next(ticks))
    assert len(texts(run.stream().follow())) == 1


def test_pods_come_late_and_without_uids():
    run = KeptRun(lasts=60)
    log = run.life("worker-0", 20)
    for at in range(20, 60):
        log.add(seconds(BEGIN) + at, "tick", prefix=False)
    show = run._shown
    run._shown = lambda name, uid, begin, end, log: show(
        name, uid if run.time > begin + 20 else None, begin, end, log
    )
    run.ask = lambda _: lambda *window: setattr(log, "now", run.time) or log.ask(*window)
    assert len(texts(run.stream().follow())) == 40


def test_it_ends_though_the_pods_are_not_shown_any_more():
    run = KeptRun(lasts=30)
    log = run.life("worker-0")
    for at in range(30):
        log.add(seconds(BEGIN) + at, "tick")
    show = run._pod
    run._pod = lambda name, lives: show(name, lives) if run.time < run.ends else None
    turned = iter(range(500))
    run.sleep = lambda slept: setattr(run, "time", run.time + slept + 0 * next(turned))
    assert len(texts(run.stream().follow())) == 30


@pytest.mark.parametrize("uid", [None, "one"])
def test_a_pod_that_is_started_again_in_place_is_read_on(uid):
    run = KeptRun(lasts=200)
    log = run.life("worker-0")
    for at in range(200):
        log.add(seconds(BEGIN) + at, "tick")
    show = run._shown

    def shown(name, _, begin, end, log):
        pod = show(name, uid, begin, end, log)
        ended = {"Status": "Failed", "GmtFinishTime": "2026-01-05T00:00:20Z"}
        return pod | (ended if 20 <= run.time - begin < 100 else {})

    run._shown = shown
    run.ask = lambda _: lambda *window: setattr(log, "now", run.time) or log.ask(*window)
    assert len(texts(run.stream().follow())) == 200


def test_a_refusal_that_nothing_helps_ends_it():
    run = KeptRun()
    log = run.life("worker-0")
    refusal = ServiceError("no permission", kind=FailureKind.REFUSED, status=403)

    def refuse(*_):
        raise refusal

    log.ask = refuse
    with pytest.raises(ServiceError, match="no permission"):
        list(run.stream().follow())


def test_a_run_that_is_gone_ends_it_and_one_that_is_not_seen_for_a_while_does_not():
    run = KeptRun(lasts=30)
    run.life("worker-0").add(seconds(BEGIN) + 1, "a")
    stream, look = run.stream(), run.look
    failures = iter([FailureKind.AMBIGUOUS, FailureKind.AMBIGUOUS])

    def unseen():
        if kind := next(failures, None):
            raise ServiceError("no answer", kind=kind)
        return look()

    run.look = unseen
    assert len(texts(stream.follow())) == 1
    assert run.told == ["train can't be seen now, and is looked at again: no answer"]
    run = KeptRun(lasts=30)
    stream, failures = run.stream(), iter([FailureKind.REFUSED])
    run.look = unseen
    with pytest.raises(ServiceError):
        list(stream.follow())
