"""Whoever is asked is reminded; the signed link goes to them alone."""

from datetime import timedelta

from django.core import mail
from django.utils import timezone

from audit.models import Event
from config.reactions import REACTIONS
from notices import kinds
from notices.engine import send_due
from notices.models import Reminder
from onboarding.deployments.approvals import APPROVAL_WANTED
from onboarding.deployments.models import ApprovalRequest, Item
from onboarding.deployments.tasks import remind
from onboarding.deployments.tests.asking import ask
from tenancy.scope import scope
from testing.scenes import Scene


def after(scene: Scene, action: str) -> None:
    """Let the newest event of that name have its effect, as the relay would."""
    assert "onboarding.deployments.tasks.remind" in REACTIONS[action]
    with scope(scene.world.host.pk):
        event = Event.objects.filter(action=action).order_by("-id")[0]
    remind(str(scene.world.host.pk), str(event.pk))


def waiting() -> set[tuple[object, str]]:
    found = Reminder.objects.unclaimed().filter(kind=APPROVAL_WANTED.name)
    return set(found.values_list("recipient_id", "step"))


def test_the_person_is_reminded_at_once_and_after_two_and_five_days_until_they_answer(scene: Scene) -> None:
    asked = ask(scene)
    after(scene, "approval.asked")
    after(scene, "approval.asked")
    person = scene.world.approver.pk
    with scope(scene.world.host.pk):
        assert waiting() == {(person, "0"), (person, "+2"), (person, "+5")}
        asked.request.refuse(by=scene.by(scene.world.approver), reason="Not yet.")
    after(scene, "approval.refused")
    with scope(scene.world.host.pk):
        assert waiting() == set()


def test_the_mail_carries_the_signed_link_and_no_page_of_the_product_shows_it(scene: Scene) -> None:
    asked = ask(scene)
    after(scene, "approval.asked")
    with scope(scene.world.host.pk):
        Reminder.objects.filter(step="0").update(due_at=timezone.now(), next_at=timezone.now())
        described = kinds.find(APPROVAL_WANTED.name).describe([asked.request.pk])[asked.request.pk]
        assert described.path == f"/o/host/deployments/{scene.deployment.pk}/items/1/"
    send_due(scene.world.host.pk)
    message = next(one for one in mail.outbox if one.to == [scene.world.approver.email])
    assert asked.link.partition(":")[0] in message.body  # what follows is the second in which it was signed
    assert "works once" in message.body
    assert "Is the date right?" not in message.body  # somebody typed it: it stands on the page
    assert "need sign-in" not in message.body


def test_without_the_policy_the_mail_leads_to_sign_in(scene: Scene) -> None:
    asked = ask(scene, by_mail=False)
    after(scene, "approval.asked")
    with scope(scene.world.host.pk):
        Reminder.objects.filter(step="0").update(due_at=timezone.now(), next_at=timezone.now())
    send_due(scene.world.host.pk)
    message = next(one for one in mail.outbox if one.to == [scene.world.approver.email])
    assert asked.link not in message.body
    assert f"/o/host/deployments/{scene.deployment.pk}/items/1/" in message.body


def test_the_asker_sees_that_a_question_ended_with_the_person_or_with_the_hands(scene: Scene) -> None:
    asked = ask(scene)
    with scope(scene.world.host.pk):
        Item.objects.get(pk=asked.request.item_id).assign(scene.world.manager, by=scene.manager)
    after(scene, "item.assigned")
    with scope(scene.world.host.pk):
        found = ApprovalRequest.objects.get()
        assert (found.state, found.note) == ("withdrawn", "The item changed hands after you were asked.")


def test_a_removed_member_is_asked_nothing_any_more(scene: Scene) -> None:
    from accounts.models import Membership

    ask(scene)
    with scope(scene.world.host.pk):
        Membership.objects.active().get(user=scene.world.approver).end(by=scene.by(scene.world.owner))
    after(scene, "member.removed")
    with scope(scene.world.host.pk):
        assert ApprovalRequest.objects.get().state == "withdrawn"


def test_an_expired_question_stays_in_the_record_as_unanswered(scene: Scene) -> None:
    asked = ask(scene)
    with scope(scene.world.host.pk):
        ApprovalRequest.objects.update(expires_at=timezone.now() - timedelta(hours=1))
        assert not kinds.find(APPROVAL_WANTED.name).describe([asked.request.pk])
        assert ApprovalRequest.objects.get().expired
