"""Logs that are sealed, under keys of their own."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.utils import timezone

from tenancy import months

if TYPE_CHECKING:
    from testing.cast import World


@pytest.fixture
def own_state(settings: object, tmp_path: Path) -> None:
    """Keep keys and heads away from other tests'."""
    settings.STATE_DIR = tmp_path  # type: ignore[attr-defined]


@pytest.fixture
def sealed(world: "World", own_state: None) -> "World":
    """Three batches of the host's, one of a stranger's."""
    from audit import sealing
    from audit.tests.sealed_log import happen

    for count in (5, 1, 9):
        happen(world.host, count)
        assert sealing.seal(world.host.pk)
    happen(world.elsewhere, 3)
    assert sealing.seal(world.elsewhere.pk)
    return world


@pytest.fixture
def as_owner(as_administrator: None) -> Iterator[None]:
    """Let the app's connection be the owner's, as `audit upkeep` runs; months of other years are dropped afterwards."""
    with connection.cursor() as cursor:
        cursor.execute("set role causeway_owner")
    yield
    with connection.cursor() as cursor:
        for table in months.monthly_tables():
            for month, name in months.standing(table).items():
                if month.year < timezone.now().year - 1:
                    cursor.execute(f"drop table {name}")
