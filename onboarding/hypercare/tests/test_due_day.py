"""The day on which a defect is due is a day of the site, not of the server."""

from datetime import UTC, date, datetime

from onboarding.hypercare.models import Ticket
from onboarding.hypercare.notices import describe_tickets, tickets_due
from onboarding.hypercare.tests.sites import defect
from tenancy.models import Site
from tenancy.scope import scope
from testing.scenes import Scene


def test_a_target_in_the_evening_of_hawaii_is_due_that_day(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        found = defect(scene, 2)
        Site.objects.filter(pk=scene.site.pk).update(time_zone="Pacific/Honolulu")
        Ticket.objects.filter(pk=found.pk).update(due_at=datetime(2027, 3, 9, 5, tzinfo=UTC))
        assert describe_tickets([found.pk])[found.pk].due_on == date(2027, 3, 8)
        assert [plan.due_on for plan in tickets_due()] == [date(2027, 3, 8)]
