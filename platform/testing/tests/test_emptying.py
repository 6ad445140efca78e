"""Between two tests nothing is left of what the first committed."""

import pytest
from django.db import connections

from audit.models import Event, RowImage
from tenancy.scope import scope
from testing import databases
from testing.cast import World


@pytest.mark.django_db(transaction=True)
def test_tables_that_are_kept_by_the_month_are_emptied_as_all_others(world: World) -> None:
    host = world.host.pk
    with scope(host):
        assert Event.objects.exists()
        assert RowImage.objects.exists()
    name = str(connections["default"].settings_dict["NAME"])
    connections.close_all()
    databases.empty(name)
    with scope(host):
        assert not Event.objects.exists()
        assert not RowImage.objects.exists()
