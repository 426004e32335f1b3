"""Items of lists, told apart."""

from __future__ import annotations

import pytest

from dlcapply.planning.keyed_lists import item_key


@pytest.mark.parametrize(
    ("item", "path", "key"),
    [
        ({"Type": "PS", "DataSourceId": "x"}, "JobSpecs", "PS"),
        ({"MountPath": "/a", "DataSourceId": "d", "Uri": "u"}, "DataSources", "/a"),
        ({"MountPath": "", "DataSourceId": "d", "Uri": "u"}, "DataSources", "d"),
        ({"Uri": "u"}, "DataSources", "u"),
        ({}, "DataSources", ""),
        ({"MountPath": 7}, "DataSources", "7"),
    ],
)
def test_what_tells_an_item_from_its_siblings(item, path, key):
    assert item_key(item, path) == key
