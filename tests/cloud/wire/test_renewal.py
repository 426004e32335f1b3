"""Credentials that can't be renewed in the middle of the work."""

from __future__ import annotations

import pytest
from alibabacloud_credentials.exceptions import CredentialException
from alibabacloud_pai_dlc20201203.client import Client
from alibabacloud_tea_openapi.utils_models import Config

from dlcapply.cloud.wire.connection import Connection
from dlcapply.cloud.wire.transport import USER_AGENT
from dlcapply.errors import FailureKind, ServiceError


class Expired:
    def get_credential(self):
        raise CredentialException("refresh failed: SecurityToken=hunter2")


def test_a_call_that_could_not_be_signed_was_not_sent(box, http, clock):
    server = box(http(200, "{}"))
    client = Client(
        Config(credential=Expired(), endpoint=server.endpoint, protocol="http", user_agent=USER_AGENT)
    )
    with pytest.raises(ServiceError) as failure:
        Connection(client, clock=clock).write("CreateJob", "POST", "/api/v1/jobs", {})
    assert failure.value.kind is FailureKind.NOT_EXECUTED
    assert failure.value.message == "CreateJob was not sent: the credentials could not be renewed"
    assert server.requests == []
