"""Every page has its picture, or a reason why the demo cannot show it."""

import pytest

from testing.isolation import homes, registry
from testing.pages import pages
from testing.pictures.registry import missing

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, databases=["default", "steward"])]


def test_every_page_of_an_organization_is_pictured_or_excused(transactional_db: None) -> None:
    registry.load()
    home = homes.build("alder")

    views = {name for name, _, _ in pages(home) if not name.startswith("/")}

    lacking = missing(views)
    assert not lacking, ", ".join(lacking)
