"""What a training prints while all is well: progress, and lines that sound worse than they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dlcapply.emulator.jobs.causes.scene import Scene

_LONG_EVERY, _LONG = 2_003, 12_000
_BLOCK_EVERY, _REPEATED_EVERY, _EMPTY_EVERY, _BAR_EVERY = 97, 20, 101, 151
_STEPS_PER_EPOCH = 1_000

# By the remainder of the line's number: each of these is printed by runs that succeed, too.
_HARMLESS_EVERY = 61
_HARMLESS = {
    5: "WARNING CUDA out of memory: skipping batch {step}, 1 of 3 in a row",
    11: "WARNING Connection reset by peer; retrying (1/5)",
    17: "INFO no collective is late (NCCL_TIMEOUT=1800, watchdog timeout 1800000 ms)",
    23: "INFO evaluation process finished with exit code 0",
    29: "WARNING prefetch worker 3 was killed by SIGTERM and started again",
    34: "Traceback (most recent call last):",
    35: '  File "/root/code/data/images.py", line 118, in decode',
    36: "    return Image.open(handle).convert('RGB')",
    37: "PIL.UnidentifiedImageError: cannot identify image file 'n0153282900036.JPEG' (skipped, {step} good)",
    43: "WARNING /mnt/data answered after 2.4 s, mount is slow",
    47: "INFO sanity check of the validation set: 0 of 50000 failed",
    53: "DEBUG ssh key of rank 0 is not needed: mpi is off",
}


def opening(scene: Scene) -> tuple[str, ...]:
    """What is printed before the first step."""
    master = scene.ids[0]
    return (
        f"Started: {scene.command.partition(chr(10))[0]}",
        "NCCL_DEBUG=WARN NCCL_TIMEOUT=1800 TORCH_NCCL_ASYNC_ERROR_HANDLING=1 OMPI_MCA_plm_rsh_args=-p 22",
        "PYTHONFAULTHANDLER=1 MALLOC_OOM_POLICY=abort SPOT_PREEMPTION_HOOK=off",
        f"INFO rank {scene.rank} of {len(scene.ids)}, MASTER_ADDR={master} MASTER_PORT=23456",
        "INFO handlers for SIGTERM and SIGUSR1 are installed",
    )


def chatter(number: int) -> str:
    """The line of that number, from 1 on, of any pod.

    Some lines repeat others word for word, some are empty, some hold line breaks, control sequences or more
    than a screen.
    """
    step = number * 10
    odd = _odd(number, step)
    if odd is not None:
        return odd
    if harmless := _HARMLESS.get(number % _HARMLESS_EVERY):
        return harmless.replace("{step}", str(step))
    loss = 0.2 + 2.1 / (1 + number / 40)
    return f"INFO epoch {step // _STEPS_PER_EPOCH} step {step} loss {loss:.4f} grad_norm 0.87 it/s 9.87"


def _odd(number: int, step: int) -> str | None:
    """A line that is hard on whoever reads it; None for most."""
    if number % _LONG_EVERY == 0:
        return f"weights after step {step}: " + "0.0173 " * (_LONG // 7)
    if number % _BLOCK_EVERY == 0:
        return f"lr by group at step {step}:\n  backbone 1.0e-04\n  head     1.0e-03"
    if number % _REPEATED_EVERY in {7, 8}:
        return "gradients are finite"
    if number % _EMPTY_EVERY == 0:
        return ""
    if number % _BAR_EVERY == 0:
        return f"\x1b[32m{number % 100:3d}%\x1b[0m|####      | {step}/? [01:02<?, 9.87it/s]\r"
    return None


def farewell() -> tuple[str, ...]:
    """The last lines of a run that succeeds."""
    return (
        "INFO checkpoint saved; 0 errors, 1 warning (out of memory: 3 batches skipped)",
        "INFO destroying the process group, no rank timed out",
        "Finished: everything is saved.",
    )
