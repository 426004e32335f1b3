"""A transcript: steps, each a line that begins with `$ `, and below it what the step printed.

What a command printed ends with its `[exit N]` line; lines between steps are comments, kept as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

_STEP = "$ "
_END = "[exit "
COMMAND = "dlcapply "


@dataclass(frozen=True)
class Step:
    """`words` is the line without its `$ `; `before` are the comments above it."""

    words: str
    before: tuple[str, ...] = ()


def read_steps(text):
    steps, pending, may_be_output = [], [], False
    for line in text.splitlines():
        if line.startswith(_STEP):
            words = line.removeprefix(_STEP)
            steps.append(Step(words, tuple(pending)))
            pending, may_be_output = [], words.startswith(COMMAND)
        elif may_be_output and line.startswith(_END):
            pending, may_be_output = [], False
        else:
            pending.append(line)
    return steps


def read_blocks(text):
    """The words of each step, and the lines that it printed, its `[exit N]` line the last."""
    blocks, is_output = [], False
    for line in text.splitlines():
        if line.startswith(_STEP):
            blocks.append((line.removeprefix(_STEP), []))
            is_output = True
        elif is_output:
            blocks[-1][1].append(line)
            is_output = not line.startswith(_END)
    return blocks


def write_transcript(steps, outputs):
    """The text of the steps with the lines that each of them printed."""
    lines = []
    for step, printed in zip(steps, outputs, strict=True):
        before = step.before or ([""] if lines and lines[-1].startswith(_END) else [])
        lines += [*before, f"{_STEP}{step.words}", *printed]
    return "\n".join(lines) + "\n"
