"""Planning a deployment backwards from its go-live date."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Event, RowImage
from onboarding.deployments.actions.plan_deployment import CannotPlan, plan_deployment
from onboarding.deployments.models import Deployment, Item, ItemDependency, TeamRole
from onboarding.plans.preview import preview_go_live
from tenancy.models import Site
from tenancy.scope import scope
from testing.scenes import GO_LIVE, Scene
from testing.statements import counted


def test_the_items_of_the_playbook_are_there_but_for_decommissioning(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        assert Item.objects.of_deployment(scene.deployment.pk).count() == 101
        assert not Item.objects.filter(key__contains="decommission").exists()
        assert TeamRole.objects.filter(deployment=scene.deployment).vacant().count() == 17


def test_a_due_date_is_the_offset_moved_back_to_a_working_day(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        due = dict(Item.objects.of_deployment(scene.deployment.pk).values_list("number", "due_on"))
    # 2 March 2027 less 7 days is a Tuesday; less 14 Tuesday; less 45 is Saturday 16 January: Friday; Monday 18 is a holiday.
    assert due[85] == date(2027, 2, 23)
    assert due[64] == date(2027, 1, 15)
    assert due[92] == GO_LIVE


def test_at_short_notice_nothing_is_overdue_on_the_first_day(scene: Scene) -> None:
    planned_on, go_live = date(2027, 2, 13), date(2027, 3, 16)  # a Saturday before Presidents' Day: the Tuesday
    with scope(scene.world.host.pk), time_machine.travel(datetime(2027, 2, 13, 12, tzinfo=UTC)):
        site = Site.objects.create(name="Ferry Road", region="NY")
        deployment = plan_deployment(scene.program, site, go_live_on=go_live, by=scene.manager, wave=1)
        items = list(Item.objects.of_deployment(deployment.pk))
        moved = {shift.after for shift in preview_go_live(deployment, date(2027, 3, 23), today=planned_on).shifts}
    assert min(item.due_on for item in items) == deployment.next_due_on == date(2027, 2, 16)
    assert {item.overdue_days(planned_on) for item in items} == {0}
    assert max(item.overdue_days(date(2027, 2, 18)) for item in items) == 2
    assert {item.due_on - item.baseline_due_on for item in items} == {timedelta()}
    assert min(moved) > date(2027, 2, 16)


def test_an_item_whose_condition_fails_is_not_needed_and_says_why(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        states = Counter(Item.objects.of_deployment(scene.deployment.pk).values_list("state", flat=True))
        dpia = Item.objects.of_deployment(scene.deployment.pk).get(number=24)
    assert dpia.state == Item.State.NOT_APPLICABLE
    assert dpia.note.startswith("organization.country: US")
    assert states["todo"] + states["not_applicable"] == 101


def test_dependencies_stay_inside_the_deployment(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        waits = set(scene.item("g1-adopt").predecessors().values_list("number", flat=True))
        assert ItemDependency.objects.filter(deployment=scene.deployment).count() > 150
    assert waits == {7, 8, 9, 10, 12, 13, 14, 15, 16, 17}


def test_one_event_and_one_row_image_each_tell_of_it(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        event = Event.objects.get(action="deployment.planned")
        assert (event.subject_id, event.deployment_id, event.data["items"]) == (
            scene.deployment.pk,
            scene.deployment.pk,
            101,
        )
        assert RowImage.objects.filter(table="deployments_item").count() == 101


def test_planning_the_same_site_again_changes_nothing(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        again = plan_deployment(scene.program, scene.site, go_live_on=date(2028, 1, 1), by=scene.manager)
        assert again.pk == scene.deployment.pk
        assert (Deployment.objects.count(), Event.objects.filter(action="deployment.planned").count()) == (1, 1)


def test_a_closed_site_is_refused(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        closed = Site.objects.create(name="Old Mill", closed_on=date(2026, 1, 5))
        with pytest.raises(CannotPlan, match="Old Mill closed on 5 Jan 2026"):
            plan_deployment(scene.program, closed, go_live_on=GO_LIVE, by=scene.manager)
        assert Deployment.objects.count() == 1


def test_the_number_of_statements_does_not_depend_on_the_number_of_items(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        site = Site.objects.create(name="Ferry Road", region="NY")
        by = scene.manager
        with CaptureQueriesContext(connection) as captured:
            plan_deployment(scene.program, site, go_live_on=GO_LIVE, by=by, wave=1)
    assert len(counted(captured)) <= 10, "\n".join(counted(captured))
