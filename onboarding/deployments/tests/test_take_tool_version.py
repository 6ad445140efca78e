"""A deployment moves to another release of its tool, and training hears of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from django.test import Client

from accounts.models import User
from audit.models import Event
from config.reactions import REACTIONS
from onboarding.deployments.actions.take_tool_version import take_tool_version
from onboarding.deployments.models import Deployment
from onboarding.deployments.models.deployment import CannotMove
from onboarding.playbooks.models import ToolVersion
from tenancy.scope import scope
from testing.scenes import Scene
from training.courses.document import CONTENT, load_course
from training.learning import tasks
from training.learning.actions.enroll import enroll
from training.learning.actions.take_up_version import adopt_course
from training.learning.models import Assignment, AssignmentRule, Rollout

ClientOf = Callable[[User], Client]


def test_the_same_version_again_is_no_event(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        assert take_tool_version(scene.deployment, " 5.0 ", by=scene.manager)
        assert not take_tool_version(scene.deployment, "5.0", by=scene.manager)
        assert Deployment.objects.for_page().get(pk=scene.deployment.pk).tool_version.version == "5.0"
        [event] = Event.objects.filter(action="deployment.tool_version_taken")
        assert (event.data["before"], event.data["after"]) == ("4.2", "5.0")


def test_a_release_that_would_change_which_items_apply_is_refused(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        before = scene.deployment.tool_version
        ToolVersion.register(before.tool, version="6.0", by=scene.manager, generative_ai=not before.generative_ai)
        with pytest.raises(CannotMove, match="generative ai"):
            take_tool_version(scene.deployment, "6.0", by=scene.manager)
        assert Deployment.objects.get(pk=scene.deployment.pk).tool_version_id == before.pk
        assert not Event.objects.filter(action="deployment.tool_version_taken").exists()


def test_its_delta_module_is_assigned_and_what_was_for_the_old_version_ends(scene: Scene) -> None:
    host = scene.world.host.pk
    with scope(host):
        course = load_course(CONTENT / "front-desk-enrollment-consent")
        old, new = (
            adopt_course(replace(course, key=key), by=scene.manager, source="test").course for key in ("old", "new")
        )
        AssignmentRule.set(old, job_role="front-desk", tool_version="4.2", by=scene.manager)
        AssignmentRule.set(
            new, job_role="front-desk", tool_version="5.0", anchor="release", offset_days=7, by=scene.manager
        )
        enroll(
            scene.world.learner, job_role="front-desk", site=scene.site, started_on=date(2026, 11, 1), by=scene.manager
        )
        planned = Event.objects.filter(action="deployment.planned", subject_id=scene.deployment.pk).get()
    tasks.open_rollout(str(host), str(planned.pk))
    assert REACTIONS["deployment.tool_version_taken"][0] == "training.learning.tasks.follow_release"
    with scope(host):
        assert [row.course_id for row in Assignment.objects.filter(withdrawn_at=None)] == [old.pk]
        take_tool_version(scene.deployment, "5.0", by=scene.manager)
        event = Event.objects.get(action="deployment.tool_version_taken")
    for _ in range(2):
        tasks.follow_release(str(host), str(event.pk))
    with scope(host):
        assert [row.course_id for row in Assignment.objects.filter(withdrawn_at=None)] == [new.pk]
        assert Rollout.objects.get().tool_version == "5.0"
        assert Event.objects.filter(action="rollout.release_arrived").count() == 1


def test_a_manager_says_it_on_the_page_and_a_contributor_may_not(scene: Scene, client_of: ClientOf) -> None:
    address = f"/o/host/deployments/{scene.deployment.pk}/tool-version/"
    assert client_of(scene.world.contributor).post(address, {"version": "5.0"}).status_code == 403
    manager = client_of(scene.world.manager)
    assert address in manager.get(f"/o/host/deployments/{scene.deployment.pk}/stages/").content.decode()
    assert manager.post(address, {"version": " "}).status_code == 422
    assert manager.post(address, {"version": "5.0"}).status_code == 302
    with scope(scene.world.host.pk):
        assert Event.objects.filter(action="deployment.tool_version_taken").count() == 1
