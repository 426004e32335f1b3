"""Every folder here is a case: manifests, a scenario, and the transcript of what commands print for them.

DLCAPPLY_REWRITE=1 writes what the steps of each transcript print now; the steps stay.
"""

from __future__ import annotations

import os
from difflib import unified_diff
from pathlib import Path

import pytest

from tests.cases.stage import TRANSCRIPT, Stage, copy_files, open_emulator
from tests.cases.transcript import read_steps, write_transcript

CASES = sorted(path.parent for path in Path(__file__).parent.glob(f"*/{TRANSCRIPT}"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_steps_print_what_the_transcript_says(case, tmp_path, monkeypatch, capsys):
    transcript = case / TRANSCRIPT
    expected = transcript.read_text("utf-8")
    steps = read_steps(expected)
    folder = tmp_path / "checkout"  # some cases put things beside it
    folder.mkdir()
    monkeypatch.chdir(folder)
    with open_emulator(case) as emulator:
        copy_files(case, folder, emulator)
        stage = Stage(folder, emulator, capsys)
        outputs = [stage.play(step.words) for step in steps]
        assert (emulator.unknown_routes, emulator.errors) == ((), ())
    check_silence(stage, outputs)
    actual = write_transcript(steps, outputs)
    if os.environ.get("DLCAPPLY_REWRITE"):
        transcript.write_text(actual, "utf-8")
    else:
        assert actual == expected, difference(expected, actual, name=f"{case.name}/{TRANSCRIPT}")


def check_silence(stage, outputs):
    """Neither outputs nor files that commands wrote tell of a bug, or of a secret."""
    texts = {"the output": "\n".join(line for lines in outputs for line in lines)}
    texts |= {str(file): file.read_text("utf-8", "replace") for file in stage.written_files}
    for place, text in texts.items():
        for word in ("Traceback", *stage.secrets):
            assert word not in text, f"{word} in {place}"


def difference(expected, actual, *, name):
    lines = unified_diff(expected.splitlines(), actual.splitlines(), name, "now", lineterm="")
    return "\n" + "\n".join(lines)


def test_each_transcript_begins_with_what_it_shows():
    for case in CASES:
        first = (case / TRANSCRIPT).read_text("utf-8").splitlines()[0]
        assert first.startswith("# "), case.name
