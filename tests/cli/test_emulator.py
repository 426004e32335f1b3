"""`dlcapply emulator`: served as the options and a scenario say."""

import http.client
import json
import signal
import subprocess
import sys

import pytest

SCENARIO = """\
apiVersion: dlcapply/v1
kind: Scenario
clock: {speed: 0, start: "2026-01-05T08:00:00Z"}
workspaces:
  - {workspaceId: "268", name: vision, isDefault: true}
jobs:
  - {DisplayName: old, Status: Succeeded}
"""


@pytest.fixture
def serve(tmp_path):
    """Starts the command; what it prints, and the process, which ends with the test."""
    processes = []

    def start(*args):
        command = [sys.executable, "-m", "dlcapply", "emulator", "--port", "0", *args]
        process = subprocess.Popen(
            command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        processes.append(process)
        lines = [process.stdout.readline()]
        while lines[-1] and not lines[-1].startswith("Control:"):
            lines.append(process.stdout.readline())
        return lines, process

    yield start
    for process in processes:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)


def address(lines):
    return next(word for word in lines[0].split() if word.startswith("http://")).removesuffix(",")


def get(lines, path):
    connection = http.client.HTTPConnection(address(lines).removeprefix("http://"), timeout=10)
    connection.request("GET", f"/_emulator/{path}")
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def test_it_says_where_it_is_and_how_to_use_it(serve):
    lines, process = serve()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)

    assert lines[0].startswith("PAI-DLC, AIWorkSpace and PaiStudio emulator at http://127.0.0.1:")
    assert "  export ALIBABA_CLOUD_ACCESS_KEY_ID=dlcapply-emulator\n" in lines
    assert f"Control: curl {address(lines)}/_emulator/clock\n" in lines
    assert process.returncode == 0


def test_a_scenario_is_played(serve, tmp_path):
    (tmp_path / "s.yaml").write_text(SCENARIO, "utf-8")
    lines, _ = serve("--scenario", "s.yaml")

    assert "workspace 268;" in lines[0]
    assert get(lines, "clock") == {"now": "2026-01-05T08:00:00Z", "speed": 0.0}
    assert [job["DisplayName"] for job in get(lines, "jobs")["jobs"]] == ["old"]


def test_the_clock_of_the_command_goes_before_the_scenarios(serve, tmp_path):
    (tmp_path / "s.yaml").write_text(SCENARIO, "utf-8")
    lines, _ = serve("--scenario", "s.yaml", "--speed", "60")

    assert get(lines, "clock")["speed"] == 60


def test_it_answers_under_the_names_that_it_is_given(serve):
    lines, _ = serve("--name", "pai.test", "--name", "pai")
    found = {}
    for host in ("pai.test:8080", "pai", "evil.test"):
        connection = http.client.HTTPConnection(address(lines).removeprefix("http://"), timeout=10)
        connection.request("GET", "/_emulator/clock", headers={"Host": host})
        found[host] = connection.getresponse().status
        connection.close()

    assert found == {"pai.test:8080": 200, "pai": 200, "evil.test": 403}


def test_a_still_clock(serve):
    assert get(serve("--clock", "still")[0], "clock")["speed"] == 0


def test_strangers_are_warned_of(serve):
    lines, process = serve("--host", "0.0.0.0")  # noqa: S104
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=20)

    assert lines[0].startswith("PAI-DLC")
    assert "warning: whoever reaches 0.0.0.0 can use this emulator" in err


def test_a_wrong_scenario_is_shown_where_it_is_wrong(project):
    project.write("s.yaml", SCENARIO + "switches: {listLag: soon}\n")
    printed = project.run("emulator", "--scenario", "s.yaml", "--port", "0")

    assert printed.code == 4
    assert "s.yaml:8:21" in printed.err


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["--clock", "still", "--speed", "2"], 64, "no --speed"),
        (["--speed", "nan"], 64, "--speed"),
        (["--speed", "1e300"], 64, "--speed"),
        (["--state", "/dev/null"], 1, "/dev/null can't be used: it is a device, not a file"),
        (["--log", "/dev/null"], 1, "/dev/null can't be used: it is a device, not a file"),
        (["--scenario", "none.yaml"], 4, "none.yaml"),
        (["--host", "203.0.113.9"], 1, "can't be served"),
    ],
)
def test_what_can_not_be_served(project, args, code, words):
    printed = project.run("emulator", "--port", "0", *args)

    assert printed.code == code
    assert words in printed.err
