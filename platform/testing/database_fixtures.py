"""Databases for the tests, in place of pytest-django's own.

Tests run as the `app` role behind both walls. The template is built once per state of migrations and models; every
worker clones it, and what a test commits for real is emptied by the owner afterwards.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from django.test import TransactionTestCase

from testing import databases


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[None]:
    """Point this worker's connections at its own clone of the template."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    with django_db_blocker.unblock():
        name = databases.clone_for(worker)
        for alias in connections:
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = name
    yield
    with django_db_blocker.unblock():
        connections.close_all()
        databases.drop(name)


@pytest.fixture(autouse=True, scope="session")
def _owner_empties_tables() -> None:
    """The app role may not truncate: let the owner empty what a committing test left behind."""

    def empty(self: TransactionTestCase) -> None:
        for alias in connections:
            connections[alias].close()
        databases.empty(str(connections["default"].settings_dict["NAME"]))

    TransactionTestCase._fixture_teardown = empty  # type: ignore[attr-defined]


@pytest.fixture
def as_administrator(transactional_db: None) -> Iterator[None]:
    """Let the app's connection be the administrator's: for tests that tamper, or that need keys left unchecked."""
    connection = connections["default"]
    before = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict |= databases.administrator()
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.clear()
        connection.settings_dict.update(before)
