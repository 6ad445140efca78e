"""The layout guard finds what it is there to find, and nothing in this tree."""

import platform
import sys
from pathlib import Path

import pytest

from launcher import layout
from launcher.places import ROOT


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small project in good order."""
    for package in ("platform/config", "platform/web", "onboarding", "training", "billing"):
        (tmp_path / package).mkdir(parents=True)
        (tmp_path / package / "__init__.py").write_text("")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.hatch.build.targets.wheel]\npackages = ["platform/config", "platform/web"]\n'
        '[tool.ruff.lint.isort]\nknown-first-party = ["config", "web"]\n'
    )
    return tmp_path


def test_this_tree_is_in_good_order() -> None:
    assert layout.findings(ROOT) == []


def test_the_name_platform_is_the_standard_librarys() -> None:
    assert Path(platform.__file__ or "").parent == Path(sys.modules["os"].__file__ or "").parent


def test_a_tree_in_good_order_has_no_findings(tree: Path) -> None:
    assert layout.findings(tree) == []


@pytest.mark.parametrize(
    ("path", "text", "finding"),
    [
        ("platform/__init__.py", "", "platform/__init__.py: platform/ is a source root and holds packages only"),
        ("platform/conftest.py", "", "platform/conftest.py: platform/ is a source root and holds packages only"),
        ("platform/billing_rules/rules.py", "", "platform/billing_rules: has no __init__.py"),
        ("platform/web/utils.py", "", "platform/web/utils.py: 'utils' names no subject"),
        ("onboarding/services/__init__.py", "", "onboarding/services/__init__.py: 'services' names no subject"),
        ("billing/long.py", "\n" * 401, "billing/long.py: 401 lines, the limit is 400; a file has one subject"),
    ],
)
def test_a_breach_is_found_and_named(tree: Path, path: str, text: str, finding: str) -> None:
    (tree / path).parent.mkdir(parents=True, exist_ok=True)
    (tree / path).write_text(text)
    assert layout.findings(tree) == [finding]


def test_a_package_that_is_not_shipped_is_found(tree: Path) -> None:
    (tree / "platform" / "facts").mkdir()
    (tree / "platform" / "facts" / "__init__.py").write_text("")
    assert layout.findings(tree) == [
        "platform/facts: missing in pyproject.toml, tool.hatch.build.targets.wheel.packages",
        "platform/facts: missing in pyproject.toml, tool.ruff.lint.isort.known-first-party",
    ]


def test_a_package_with_a_name_of_the_standard_library_is_found(tree: Path) -> None:
    (tree / "platform" / "queue").mkdir()
    (tree / "platform" / "queue" / "__init__.py").write_text("")
    assert "queue: the standard library has a module of this name" in layout.findings(tree)


def test_a_long_migration_is_nobodys_reading(tree: Path) -> None:
    (tree / "billing" / "migrations").mkdir()
    (tree / "billing" / "migrations" / "0001_initial.py").write_text("\n" * 500)
    assert layout.findings(tree) == []
