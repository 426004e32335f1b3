"""Files of the emulator are for the user alone, and hold no values of variables."""

import json
import os
import stat
import subprocess
import sys

import pytest

from dlcapply.emulator import Clock, Emulator, StateError
from dlcapply.emulator.state.encryption import NoSeal, Seal, Sealed, users_key
from dlcapply.emulator.state.masking import masked

CREDENTIAL = {"EnableCredentialInject": True, "CredentialConfigItems": [
    {"Key": "k", "Roles": [{"RoleArn": "acs:ram::1:role/r", "AssumeUserInfo": {"SecurityToken": "sesame-5"}}]}
]}  # fmt: skip


@pytest.fixture
def secret_body(a_body):
    spec = {
        **a_body()["JobSpecs"][0],
        "ImageConfig": {"Username": "u", "Password": "sesame-1", "Auth": "sesame-2"},
        "ExtraPodSpec": {"SideCarContainers": [{"Name": "s", "Env": [{"Name": "A", "Value": "sesame-3"}]}]},
    }
    return a_body(
        JobSpecs=[spec],
        Envs={"WANDB_API_KEY": "sesame-4", "LR": "sesame-0"},
        CustomEnvs=[{"Key": "K", "Value": "sesame-6", "Visible": "public"}],
        CredentialConfig=CREDENTIAL,
        Settings={"AdvancedSettings": {"RayRedisPassword": "sesame-7"}},
    )


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "made" / "here"


def modes(folder):
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


SERVE = """
import json, os, sys
from pathlib import Path
from dlcapply.emulator import Clock, Emulator
os.umask(int(sys.argv[2], 8))
folder = Path(sys.argv[1])
with Emulator(folder / "state.db", clock=Clock.still(), log=folder / "log") as emulator:
    emulator.seed({"DisplayName": "a"})
    paths = {".": folder, **{path.name: path for path in folder.iterdir()}}
    print(json.dumps({name: oct(path.stat().st_mode & 0o777) for name, path in paths.items()}))
"""


@pytest.mark.parametrize("umask", ["000", "022", "077"])
def test_files_are_private_whatever_the_umask(folder, umask):
    printed = subprocess.run(
        [sys.executable, "-c", SERVE, str(folder), umask], capture_output=True, text=True, check=True
    ).stdout

    names = ("log", "state.db", "state.db-shm", "state.db-wal")
    assert json.loads(printed) == {**dict.fromkeys(names, "0o600"), ".": "0o700"}


def test_files_that_others_could_read_are_narrowed(folder):
    folder.mkdir(parents=True)
    for name in ("state.db", "state.db-wal", "state.db-shm", "log"):
        (folder / name).touch()
        (folder / name).chmod(0o666)
    with Emulator(folder / "state.db", clock=Clock.still(), log=folder / "log"):
        assert set(modes(folder).values()) == {0o600}


@pytest.mark.parametrize("which", ["state", "log"])
@pytest.mark.parametrize(
    ("kind", "words"), [("link", "it is a link"), ("pipe", "not a file"), ("folder", "not a file")]
)
def test_links_pipes_and_folders_are_refused(tmp_path, which, kind, words):
    path, target = tmp_path / "planted", tmp_path / "target"
    {"link": lambda: path.symlink_to(target), "pipe": lambda: os.mkfifo(path), "folder": path.mkdir}[kind]()

    with pytest.raises(StateError, match=words), Emulator(clock=Clock.still(), **{which: path}):
        pass
    assert not target.exists()


def test_no_file_holds_a_value(folder, connect, secret_body):
    with Emulator(folder / "state.db", clock=Clock.still(), log=folder / "log") as emulator:
        call = connect(emulator)
        job_id = call.create(**secret_body)
        template = {"TemplateName": "t", "WorkspaceId": "1001", "Content": json.dumps(secret_body)}
        call("POST", "/jobtemplates", template)
        token = call("GET", "/tokens", TargetId=job_id)["Token"]
        call("GET", f"/jobs/{job_id}/metrics", MetricType="CpuCoreUsage", Token=token)
        told = json.dumps([(entry.path, entry.body) for entry in emulator.requests])
        held = b"".join(path.read_bytes() for path in folder.iterdir())

        assert call.get(job_id)["Envs"] == secret_body["Envs"]
    held += b"".join(path.read_bytes() for path in folder.iterdir())

    assert b"WANDB_API_KEY" in held
    assert b"sesame" not in held
    assert "sesame" not in told
    assert token not in told
    assert token.encode() not in held


def test_another_process_of_the_user_answers_the_values(folder, connect, secret_body):
    with Emulator(folder / "state.db", clock=Clock.still()) as emulator:
        job_id = connect(emulator).create(**secret_body)
        template = {"TemplateName": "t", "WorkspaceId": "1001", "Content": json.dumps(secret_body)}
        template_id = connect(emulator)("POST", "/jobtemplates", template)["TemplateId"]
    with Emulator(folder / "state.db", clock=Clock.still()) as emulator:
        job = connect(emulator).get(job_id)
        version = connect(emulator)("GET", f"/jobtemplates/{template_id}")["Versions"][0]

    assert {key: job[key] for key in ("Envs", "CustomEnvs", "JobSpecs")} == {
        key: secret_body[key] for key in ("Envs", "CustomEnvs", "JobSpecs")
    }
    assert json.loads(version["Content"]) == secret_body


def test_a_state_whose_key_is_elsewhere_is_refused(folder, connect, secret_body, tmp_path, monkeypatch):
    """Jobs without their variables would all look changed to whoever applies them."""
    with Emulator(folder / "state.db", clock=Clock.still()) as emulator:
        connect(emulator).create(**secret_body)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another machine"))
    elsewhere = Emulator(folder / "state.db", clock=Clock.still())
    with pytest.raises(StateError, match="another user, or on another machine"), elsewhere:
        pass


def test_a_template_whose_key_is_elsewhere_is_refused_too(
    folder, connect, secret_body, tmp_path, monkeypatch
):
    with Emulator(folder / "state.db", clock=Clock.still()) as emulator:
        template = {"TemplateName": "t", "WorkspaceId": "1001", "Content": json.dumps(secret_body)}
        connect(emulator)("POST", "/jobtemplates", template)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another machine"))
    elsewhere = Emulator(folder / "state.db", clock=Clock.still())
    with pytest.raises(StateError, match="another user, or on another machine"), elsewhere:
        pass


def test_a_state_without_variables_needs_no_key(folder, connect, a_body, tmp_path, monkeypatch):
    with Emulator(folder / "state.db", clock=Clock.still()) as emulator:
        job_id = connect(emulator).create(**a_body())
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another machine"))
    with Emulator(folder / "state.db", clock=Clock.still()) as emulator:
        assert connect(emulator).get(job_id)["JobId"] == job_id


def test_what_does_not_open_is_left_out():
    sealed = Seal(lambda: bytes(32)).close({"Envs": {"A": "secret"}, "JobType": "x"}, "dlc1")
    assert Seal(lambda: bytes(31) + b"1").open(sealed, "dlc1") == {"JobType": "x"}


def test_the_key_is_kept_apart_and_private(tmp_path):
    environ = {"XDG_STATE_HOME": str(tmp_path / "states")}
    key = users_key(environ)
    path = tmp_path / "states" / "dlcapply" / "emulator.key"

    assert (len(key), users_key(environ)) == (32, key)
    assert list(path.parent.iterdir()) == [path]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_home_that_can_not_be_written_has_a_key_for_the_process(tmp_path):
    (tmp_path / "file").touch()
    environ = {"XDG_STATE_HOME": str(tmp_path / "file")}

    assert users_key(environ) != users_key(environ)


def test_what_was_sealed_opens_under_its_own_name_alone():
    seal = Seal(lambda: bytes(32))
    sealed = seal.close({"Envs": {"A": "1"}, "B": 2}, "dlc1")

    assert sealed.value == {"Envs": {"A": "******"}, "B": 2}
    assert seal.open(sealed, "dlc1") == {"Envs": {"A": "1"}, "B": 2}
    assert seal.open(sealed, "dlc2") == {"B": 2}
    assert seal.open(sealed._replace(ciphertext=b"short"), "dlc1") == {"B": 2}
    assert seal.close({"B": 2}, "dlc1") == Sealed({"B": 2}, None)
    assert NoSeal().open(NoSeal().close({"Envs": {"A": "1"}}, "x"), "x") == {"Envs": {"A": "1"}}


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({"Envs": {"A": "1", "B": None}}, {"Envs": {"A": "******", "B": "******"}}),
        ({"envs": {"A": "1"}}, {"envs": {"A": "******"}}),
        ({"Envs": ["A=1"]}, {"Envs": "******"}),
        ({"CustomEnvs": [{"Key": "A", "Value": "1"}]}, {"CustomEnvs": [{"Key": "A", "Value": "******"}]}),
        ({"CustomEnvs": ["B=1"]}, {"CustomEnvs": ["******"]}),
        ({"Content": '{"Envs": {"A": "1"}, "B": 1}'}, {"Content": '{"Envs": {"A": "******"}, "B": 1}'}),
        ({"Content": "A=1"}, {"Content": "******"}),
        ({"A": {"ClientSecret": "1"}}, {"A": {"ClientSecret": "******"}}),
        ({"A": {"UsesTokens": True}}, {"A": {"UsesTokens": True}}),
        ({"UserCommand": "python train.py"}, {"UserCommand": "python train.py"}),
        (None, None),
    ],
)  # fmt: skip
def test_names_stay_and_values_go(body, shown):
    assert masked(body) == shown
