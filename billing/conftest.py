"""Fixtures of the billing tests; what they need is imported when the plugin has loaded."""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from billing.contracts.tests.deal import Deal


@pytest.fixture
def deal(scene: Any) -> "Deal":
    """The parties, and no contract yet."""
    from billing.contracts.tests.deal import arrange

    return arrange(scene)
