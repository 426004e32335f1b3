from __future__ import annotations

from dataclasses import replace

import pytest

from dlcapply.cloud.wire.endpoint import Address, address_of
from dlcapply.errors import UsageError


@pytest.mark.parametrize(
    ("endpoint", "protocol", "host"),
    [
        ("", "https", "pai-dlc.cn-hangzhou.aliyuncs.com"),
        ("pai-dlc-vpc.cn-hangzhou.aliyuncs.com", "https", "pai-dlc-vpc.cn-hangzhou.aliyuncs.com"),
        ("https://pai.example", "https", "pai.example"),
        ("HTTPS://PAI.example/", "https", "pai.example"),
        ("http://pai.example:8080", "http", "pai.example:8080"),
        ("pai.example:8443", "https", "pai.example:8443"),
        ("127.0.0.1:4711", "http", "127.0.0.1:4711"),
        ("localhost:4711", "http", "localhost:4711"),
        ("[::1]:4711", "http", "[::1]:4711"),
        ("https://localhost:4711", "https", "localhost:4711"),
    ],
)
def test_the_scheme_decides_and_loopback_alone_defaults_to_http(environment, endpoint, protocol, host):
    assert address_of(replace(environment, endpoint=endpoint)) == Address(protocol, host)


@pytest.mark.parametrize(
    "endpoint",
    [
        "ftp://pai.example",
        "http://",
        "://pai.example",
        "pai.example/api",
        "https://pai.example?x=1",
        "user@pai.example",
        "pai.example:port",
        "pai.example:0",
        "pai.example:99999",
        "pai.example\t",
        "pai example",
        "a://b://c",
        "::1",
    ],
)
def test_what_names_no_host_is_wrong_usage(environment, endpoint):
    with pytest.raises(UsageError, match="is not an endpoint"):
        address_of(replace(environment, endpoint=endpoint))


@pytest.mark.parametrize("region", ["cn-hangzhou.evil.example/", "CN-HANGZHOU", "cn hangzhou", "x"])
def test_a_region_is_only_ever_part_of_a_host_name(environment, region):
    with pytest.raises(UsageError, match="is not a region"):
        address_of(replace(environment, region=region))


def test_nothing_named_is_wrong_usage(environment):
    with pytest.raises(UsageError, match="neither a region nor an endpoint") as failure:
        address_of(replace(environment, region=""))
    assert "--region" in failure.value.hint


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.8.9.10:1", True),
        ("[::1]", True),
        ("localhost", True),
        ("10.0.0.1", False),
        ("localhost.example", False),
    ],
)
def test_loopback_is_told_by_address(host, expected):
    assert Address("http", host).is_loopback is expected
