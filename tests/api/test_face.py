"""What `dlcapply` the package exports: all of it there, typed, told of, and nothing more imported."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import dlcapply

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "library.md").read_text("utf-8")
NAMES = sorted(set(dlcapply.__all__) - {"__version__"})


def imported_for_types():
    """The names that the module imports for type checkers alone."""
    tree = ast.parse(Path(dlcapply.__file__).read_text("utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    return {alias.name for node in block.body for alias in node.names}


def test_what_is_exported_is_what_type_checkers_see():
    assert imported_for_types() == set(NAMES)
    assert set(NAMES) <= set(dir(dlcapply))


@pytest.mark.parametrize("name", NAMES)
def test_each_name_is_there_says_what_it_is_and_is_on_the_page(name):
    exported = getattr(dlcapply, name)
    assert inspect.getdoc(exported), name
    assert exported.__module__.startswith("dlcapply.")
    assert f"`{name}`" in PAGE or f"`{name}(" in PAGE


@pytest.mark.parametrize("name", [name for name in NAMES if inspect.isfunction(getattr(dlcapply, name))])
def test_every_parameter_of_a_function_is_annotated(name):
    parameters = inspect.signature(getattr(dlcapply, name)).parameters.values()
    assert [one.name for one in parameters if one.annotation is inspect.Parameter.empty] == []


def test_there_is_no_other_name():
    with pytest.raises(AttributeError, match="no attribute 'plans'"):
        dlcapply.plans  # noqa: B018


def test_to_import_the_package_imports_nothing_of_it():
    code = "import sys, dlcapply; print(*sorted(name for name in sys.modules if name.startswith('dlcapply')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["dlcapply", "dlcapply.version"]
