"""Who hears of what: following, being drawn in, leaving."""

from collections.abc import Callable

from django.test import Client

from accounts.models import User
from audit.models import Event
from notices.models import Reminder
from onboarding.deployments.actions.follow import follow
from onboarding.deployments.models import Comment, Item, Watch
from tenancy.scope import scope
from testing.scenes import Scene

ClientOf = Callable[[User], Client]


def happened(action: str) -> None:
    follow(Event.objects.filter(action=action).latest("id"))


def told(kind: str) -> set[str]:
    return set(Reminder.objects.filter(kind=f"deployments.{kind}").values_list("recipient__name", flat=True))


def test_a_follower_hears_of_a_block_but_not_of_their_own_work(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        item = scene.item("interest-recorded")
        Watch.follow(scene.deployment, item, by=scene.manager)
        Watch.follow(scene.deployment, by=scene.by(scene.world.contributor))
        item.block(by=scene.by(scene.world.contributor), reason="No window.")
        happened("item.blocked")
        assert told("followed") == {"Manager Host"}


def test_who_is_named_or_speaks_is_drawn_in_and_hears_the_answer_at_once(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        item = scene.item("interest-recorded")
        Comment.add(
            item, body="@Manager Host?", by=scene.by(scene.world.contributor), mentions=[scene.world.manager.pk]
        )
        happened("comment.added")
        assert told("mention") == {"Manager Host"}
        assert told("answered") == set()
        Comment.add(item, body="Yes.", by=scene.manager)
        happened("comment.added")
        assert told("answered") == {"Analyst Host"}
        happened("comment.added")
        assert Reminder.objects.filter(kind="deployments.answered").count() == 1


def test_who_left_is_not_drawn_in_again(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        item = scene.item("interest-recorded")
        Watch.unfollow(scene.deployment, item, by=scene.manager)
        Watch.draw_in(item, [scene.world.manager.pk], Watch.Why.MENTIONED)
        assert not Watch.objects.on(item).exists()
        Watch.follow(scene.deployment, item, by=scene.manager)
        assert Watch.objects.on(item).count() == 1


def test_an_internal_remark_is_said_to_no_partner_and_to_nobody_who_may_not_read_it(scene: Scene) -> None:
    scene.share()
    with scope(scene.world.host.pk):
        item = Item.objects.filter(owner="VEN").order_by("number")[0]
        for user in (scene.world.vendor_manager, scene.world.learner, scene.world.approver):
            Watch.draw_in(item, [user.pk], Watch.Why.SPOKE)
        Comment.add(item, body="Between us", by=scene.manager, internal=True)
        happened("comment.added")
        assert told("answered") == {"Sponsor Host"}
        Comment.add(item, body="For all", by=scene.manager)
        happened("comment.added")
        assert "Manager Vendor" in told("answered")


def test_an_assigned_person_follows_by_themselves(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        item = scene.item("interest-recorded")
        item.assign(scene.world.contributor, by=scene.manager)
        happened("item.assigned")
        assert Watch.of(scene.world.contributor.pk, scene.deployment.pk, item)


def test_the_buttons_follow_and_unfollow(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.manager)
    place = f"/o/host/deployments/{scene.deployment.pk}/"
    client.post(f"{place}items/1/follow", {"follow": "yes"})
    assert "Following" in client.get(f"{place}items/1/").content.decode()
    client.post(f"{place}items/1/follow", {"follow": "no"})
    assert "Following" not in client.get(f"{place}items/1/").content.decode()
    client.post(f"{place}follow", {"follow": "yes"})
    assert "Do not follow this deployment" in client.get(place).content.decode()


def test_an_at_is_completed_to_people_and_roles_that_may_be_named(scene: Scene, client_of: ClientOf) -> None:
    scene.share()
    place = f"/o/host/deployments/{scene.deployment.pk}/names"
    text = client_of(scene.world.manager).get(place, {"q": "man"}).content.decode()
    assert 'data-name="Manager Host"' in text
    assert 'data-name="Manager Vendor"' in text
    text = client_of(scene.world.vendor_manager).get(place, {"q": ""}).content.decode()
    assert "Analyst Host" not in text
    assert client_of(scene.world.funder_manager).get(place, {"q": ""}).status_code == 403
