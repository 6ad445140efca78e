"""The pytest plugin: databases cloned from a migrated template, the cast, and a browser.

Its fixtures live in modules that need Django's apps, and that must override pytest-django's: both load at the end of
configuration.
"""

import pytest
from hypothesis import HealthCheck, settings


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Load the fixtures once Django's models can be imported."""
    # A slow machine is no bug: what hypothesis measures in seconds is not what these tests are about.
    settings.register_profile("causeway", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("causeway")
    config.pluginmanager.import_plugin("testing.database_fixtures")
    config.pluginmanager.import_plugin("testing.cast")
    config.pluginmanager.import_plugin("testing.scenes")
    config.pluginmanager.import_plugin("testing.browser")


def pytest_collection_finish() -> None:
    """Leave what was imported out of garbage collections: over so many objects they cost a tenth of a test's Python."""
    from web.memory import settle_memory

    settle_memory()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a test named after an address in memory: each process would know it by another name, and none would run."""
    for item in items:
        if " at 0x" in item.nodeid:
            raise pytest.UsageError(f"{item.nodeid}: give the parameter an id that is the same in every process.")
