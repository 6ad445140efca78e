"""What docs/security claims is what the repository holds: the list of ASVS marks, and every test that the threat model names."""

import re

from testing import asvs

THREATS = asvs.ROOT / "docs" / "security" / "threat-model.md"
NAMED = re.compile(r"`((?:platform|onboarding|training|billing)/[\w/]+\.py)(?:::(\w+))?`")


def test_the_list_of_requirements_is_current() -> None:
    assert asvs.PAGE.read_text() == asvs.page()


def test_every_requirement_in_the_list_is_held_by_a_test() -> None:
    assert set(asvs.REQUIREMENTS) == set(asvs.marked())


def test_every_test_that_the_threat_model_names_is_there() -> None:
    named = NAMED.findall(THREATS.read_text())
    assert len(named) > 40
    missing = []
    for path, test in named:
        file = asvs.ROOT / path
        if not file.is_file() or (test and f"def {test}(" not in file.read_text()):
            missing.append(f"{path}::{test}")
    assert missing == []


def test_every_threat_has_a_control_and_a_test() -> None:
    rows = [line for line in THREATS.read_text().splitlines() if re.match(r"\| [STRIDE]\d+ ", line)]
    assert len(rows) >= 30
    assert {row[2] for row in rows} == set("STRIDE")
    assert [row for row in rows if not NAMED.search(row) and "Accepted" not in row] == []
