"""What the gateway refuses of a request that is signed well."""

import pytest
from alibabacloud_tea_openapi.exceptions import ClientException


def test_an_operation_of_the_other_product_is_not_found(call, refusal):
    with pytest.raises(ClientException) as error:
        call("GET", "/ecsspecs", version="2021-02-04")

    assert refusal(error) == (404, "InvalidAction.NotFound")
