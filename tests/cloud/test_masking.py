from __future__ import annotations

from dlcapply.cloud.masking import secret_texts


def test_every_place_that_takes_secrets_is_searched():
    body = {
        "DisplayName": "visible-name",
        "UserCommand": "visible command",
        "Envs": {"A": "env-value"},
        "CustomEnvs": [{"Key": "B", "Value": "custom-value"}],
        "CredentialConfig": {"CredentialConfigItems": ({"Roles": [{"Token": "sts-token"}]},)},
        "JobSpecs": [
            {
                "Image": "visible-image",
                "ImageConfig": {"Password": "registry-password"},
                "ExtraPodSpec": {"SideCarContainers": [{"Env": [{"Value": "sidecar-value"}]}]},
            }
        ],
    }
    assert secret_texts(body) == {
        "env-value",
        "custom-value",
        "sts-token",
        "registry-password",
        "sidecar-value",
    }


def test_texts_too_short_to_tell_from_words_are_left():
    assert secret_texts({"Envs": {"A": "on", "B": 12345}}) == frozenset()


def test_no_body_has_no_secrets():
    assert secret_texts(None) == frozenset()
