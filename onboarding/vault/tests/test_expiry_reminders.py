"""Reminders 90, 60 and 30 days before a paper expires."""

from datetime import timedelta

from django.utils import timezone

from audit.actor import Actor
from notices.models import Reminder
from onboarding.vault import notices
from onboarding.vault.models import Paper
from onboarding.vault.tests.shelf import paper, renew
from tenancy.scope import scope
from testing.scenes import Scene

NIGHT = Actor.system("vault")


def planned() -> set[tuple[object, str, object]]:
    return set(Reminder.objects.unclaimed().values_list("recipient_id", "step", "on"))


def test_the_owner_hears_90_60_and_30_days_before_once_each(scene: Scene) -> None:
    today = timezone.localdate()
    with scope(scene.world.host.pk):
        until = today + timedelta(days=100)
        made = paper(scene.manager, valid_until=until, owner=scene.world.contributor)
        paper(scene.manager, "Without a date")
        owner = scene.world.contributor.pk
        assert notices.plan_expiry(notices.with_a_date(), by=NIGHT) == 1
        assert planned() == {(owner, "-90", until - timedelta(days=90))}
        Paper.objects.filter(pk=made.pk).update(valid_until=today + timedelta(days=60))
        Reminder.objects.all().delete()
        notices.plan_expiry(notices.with_a_date(), by=NIGHT)
        notices.plan_expiry(notices.with_a_date(), by=NIGHT)
        assert planned() == {(owner, "-60", today), (owner, "-30", today + timedelta(days=30))}
        about = notices.describe_expiring([made.pk])[made.pk]
        assert (about.title, about.path) == ("Assurance report expires", f"/o/host/vault/{made.pk}/")


def test_nobodys_paper_is_the_implementation_managers(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        until = timezone.localdate() + timedelta(days=35)
        made = paper(scene.manager, valid_until=until)
        made.describe(by=scene.manager, title=made.title, owner=None, mapped=[])
        notices.plan_expiry(notices.with_a_date(), by=NIGHT)
        assert planned() == {(scene.world.manager.pk, "-30", until - timedelta(days=30))}


def test_a_renewed_paper_needs_no_reminder_any_more(scene: Scene) -> None:
    today = timezone.localdate()
    with scope(scene.world.host.pk):
        made = paper(scene.manager, valid_until=today + timedelta(days=30))
        assert made.pk in notices.describe_expiring([made.pk])
        renew(made, scene.manager, valid_until=today + timedelta(days=395))
        assert notices.describe_expiring([made.pk]) == {}
