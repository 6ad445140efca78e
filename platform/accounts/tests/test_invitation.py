"""Invitations, the attacks first: replay, another address, expiry, escalation, guessing, scanners."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.contrib.auth import get_user
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from access.permissions import Role
from accounts.models import Invitation, Membership, User
from accounts.models.invitation import OtherAddress, Unusable
from accounts.models.membership import RoleOutOfReach
from audit.actor import Actor
from audit.models import Event
from tenancy.models import Organization, Site
from tenancy.scope import scope
from testing.cast import SETUP, World, person

ClientOf = Callable[[User], Client]
NEW = "new.person@host.example"
SECRET = "a-long-enough-secret"


def actor(world: World, user: User) -> Actor:
    with scope(world.host.pk):
        return Membership.objects.active().get(user=user).actor


@pytest.fixture
def administrator(world: World) -> User:
    user = person("administrator@host.example", "Administrator Host")
    with scope(world.host.pk):
        Membership.add(user, roles=[Role.ADMINISTRATOR], by=SETUP)
    return user


def invited(world: World, email: str = NEW, roles: tuple[str, ...] = (Role.CONTRIBUTOR,)) -> tuple[Invitation, str]:
    """An invitation by the owner, and the address of its link."""
    by = actor(world, world.owner)
    with scope(world.host.pk):
        invitation, secret = Invitation.make(email=email, roles=list(roles), by=by)
    return invitation, f"/invitations/{secret}/"


def members(world: World) -> dict[str, list[str]]:
    with scope(world.host.pk):
        return {member.user.email: member.roles for member in Membership.objects.active().select_related("user")}


def state(world: World, invitation: Invitation) -> str:
    with scope(world.host.pk):
        return Invitation.objects.get(pk=invitation.pk).state


def accept(client: Client, link: str, **fields: str) -> int:
    return client.post(link, {"name": "New Person", "password": SECRET, **fields}).status_code


def test_opening_the_link_changes_nothing(world: World) -> None:
    invitation, link = invited(world)
    before, people = members(world), User.objects.count()
    for method in ("get", "head", "get"):
        assert getattr(Client(), method)(link).status_code == 200
    assert Client().options(link).status_code == 405
    assert (members(world), User.objects.count(), state(world, invitation)) == (before, people, "standing")


def test_a_link_works_once(world: World) -> None:
    _, link = invited(world)
    assert accept(Client(), link) == 302
    second = Client()
    assert accept(second, link, name="Thief") == 410
    assert "It was used already." in second.get(link).content.decode()
    assert not get_user(second).is_authenticated
    assert User.objects.get(email=NEW).name == "New Person"


def test_of_two_who_accept_at_once_the_second_is_refused_and_leaves_no_account(world: World) -> None:
    invitation, link = invited(world)
    with scope(world.host.pk):
        stale = Invitation.objects.get(pk=invitation.pk)
    assert accept(Client(), link) == 302
    User.objects.filter(email=NEW).update(email="moved@host.example")
    with scope(world.host.pk), pytest.raises(Unusable, match="used already"):
        stale.accept_as_new(name="Second", password=SECRET)
    assert not User.objects.filter(email=NEW).exists()


def test_a_link_is_of_no_use_to_another_address(world: World, client_of: ClientOf) -> None:
    invitation, link = invited(world)
    before = members(world)
    for user in (world.learner, world.stranger):
        client = client_of(user)
        for answer in (client.get(link), client.post(link)):
            assert answer.status_code == 403
            assert "This invitation is for another address" in answer.content.decode()
            assert NEW not in answer.content.decode()
    with scope(world.host.pk), pytest.raises(OtherAddress):
        Invitation.objects.get(pk=invitation.pk).accept(world.stranger)
    assert (members(world), state(world, invitation)) == (before, "standing")


def test_an_address_that_was_only_claimed_does_not_count(world: World, client_of: ClientOf) -> None:
    from allauth.account.models import EmailAddress

    EmailAddress.objects.create(user=world.stranger, email=NEW, verified=False)
    invitation, link = invited(world)
    assert client_of(world.stranger).post(link).status_code == 403
    assert state(world, invitation) == "standing"


def test_an_expired_link_is_refused(world: World) -> None:
    invitation, link = invited(world)
    before = members(world)
    with time_machine.travel(timezone.now() + timedelta(days=14, seconds=1)):
        assert accept(Client(), link) == 410
        assert "It was valid for 14 days." in Client().get(link).content.decode()
        assert state(world, invitation) == "expired"
    assert members(world) == before
    with time_machine.travel(timezone.now() + timedelta(days=13, hours=23)):
        assert accept(Client(), link) == 302


def test_a_link_taken_back_is_refused(world: World) -> None:
    invitation, link = invited(world)
    by = actor(world, world.owner)
    with scope(world.host.pk):
        invitation.revoke(by=by)
        invitation.revoke(by=by)
        assert Event.objects.filter(action="invitation.revoked").count() == 1
    assert accept(Client(), link) == 410
    assert NEW not in members(world)


def test_sending_again_kills_the_old_link(world: World) -> None:
    invitation, old = invited(world)
    by = actor(world, world.owner)
    with scope(world.host.pk):
        secret = invitation.renew(by=by)
    assert accept(Client(), old) == 404
    assert NEW not in members(world)
    assert accept(Client(), f"/invitations/{secret}/") == 302


def test_an_accepted_invitation_is_neither_sent_again_nor_taken_back(world: World) -> None:
    invitation, link = invited(world)
    accept(Client(), link)
    by = actor(world, world.owner)
    with scope(world.host.pk):
        for verb in (invitation.renew, invitation.revoke):
            with pytest.raises(Unusable, match="used already"):
                verb(by=by)
    assert state(world, invitation) == "accepted"


@pytest.mark.parametrize("role", [Role.OWNER, Role.APPROVER])
def test_an_administrator_gives_no_role_beyond_their_own(
    world: World, administrator: User, client_of: ClientOf, role: Role
) -> None:
    by = actor(world, administrator)
    with scope(world.host.pk), pytest.raises(RoleOutOfReach, match=role.title.lower()):
        Invitation.make(email=NEW, roles=[Role.LEARNER, role], by=by)
    answer = client_of(administrator).post("/o/host/admin/invitations/new/", {"email": NEW, "roles": [role.value]})
    assert answer.status_code == 422
    with scope(world.host.pk):
        assert not Invitation.objects.exists()


def test_an_administrator_cannot_send_an_owners_invitation_again(world: World, administrator: User) -> None:
    invitation, link = invited(world, roles=(Role.OWNER,))
    by = actor(world, administrator)
    with scope(world.host.pk), pytest.raises(RoleOutOfReach):
        invitation.renew(by=by)
    assert Client().get(link).status_code == 200


@pytest.mark.parametrize("who", ["manager", "contributor", "approver", "learner", "auditor"])
def test_who_may_not_manage_people_invites_nobody(world: World, client_of: ClientOf, who: str) -> None:
    user = getattr(world, who)
    by = actor(world, user)
    with scope(world.host.pk), pytest.raises(RoleOutOfReach):
        Invitation.make(email=NEW, roles=[Role.LEARNER], by=by)
    client = client_of(user)
    assert client.get("/o/host/admin/invitations/").status_code == 403
    assert client.post("/o/host/admin/invitations/new/", {"email": NEW, "roles": ["learner"]}).status_code == 403
    with scope(world.host.pk):
        assert not Invitation.objects.exists()


def test_what_a_removed_sender_offered_is_void(world: World, administrator: User) -> None:
    by = actor(world, administrator)
    with scope(world.host.pk):
        _, secret = Invitation.make(email=NEW, roles=[Role.ADMINISTRATOR], by=by)
        Membership.objects.get(user=administrator).end(by=SETUP)
    link = f"/invitations/{secret}/"
    assert accept(Client(), link) == 410
    assert "can no longer give what it offers" in Client().get(link).content.decode()
    assert NEW not in members(world)


def test_what_a_demoted_sender_offered_is_void(world: World, administrator: User) -> None:
    by = actor(world, administrator)
    with scope(world.host.pk):
        _, secret = Invitation.make(email=NEW, roles=[Role.LEARNER], by=by)
        Membership.objects.get(user=administrator).change_roles([Role.CONTRIBUTOR], by=SETUP)
    assert accept(Client(), f"/invitations/{secret}/") == 410


def test_a_guess_is_answered_like_any_missing_page(world: World) -> None:
    _, link = invited(world)
    missing = Client().get("/there-is-no-such-page").content
    secret = link.split("/")[2]
    other = "A" if secret[-1] != "A" else "B"
    guesses = [
        secret[:-1] + other,
        secret[:-1],
        secret.replace(world.host.pk.hex, world.elsewhere.pk.hex),
        secret.replace(world.host.pk.hex, UUID(int=7).hex),
        secret.replace("inv_", "cw_"),
        "inv_" + world.host.pk.hex + "_",
        "inv_zz_x",
        "x",
    ]
    for guess in guesses:
        for answer in (Client().get(f"/invitations/{guess}/"), Client().post(f"/invitations/{guess}/")):
            assert (answer.status_code, answer.content) == (404, missing), guess


def test_only_the_hash_is_kept(world: World) -> None:
    _, link = invited(world)
    secret = link.split("/")[2]
    random = secret.split("_", 2)[2]
    from audit.models import RowImage

    with scope(world.host.pk):
        kept = str(list(Invitation.objects.values())) + str(list(Event.objects.values("data")))
        kept += str(list(RowImage.objects.values("image")))
    assert random not in kept
    assert len(random) == 43


def test_a_new_person_arrives_with_a_verified_address_and_exactly_the_offered_roles(world: World) -> None:
    from allauth.account.models import EmailAddress

    with scope(world.host.pk):
        site = Site.objects.create(name="Quay Street")
    by = actor(world, world.owner)
    with scope(world.host.pk):
        _, secret = Invitation.make(
            email=NEW.upper(), roles=[Role.CONTRIBUTOR], by=by, sites=[site], title="Integration analyst"
        )
    client = Client()
    answer = client.post(f"/invitations/{secret}/", {"name": "New Person", "password": SECRET, "roles": "owner"})
    assert answer["Location"] == "/o/host/"
    assert client.get("/o/host/").status_code == 302
    user = User.objects.get(email=NEW)
    assert (user.name, user.is_staff, user.check_password(SECRET)) == ("New Person", False, True)
    assert EmailAddress.objects.get(user=user).verified
    with scope(world.host.pk):
        member = Membership.objects.get(user=user)
        assert (member.roles, member.title) == (["contributor"], "Integration analyst")
        assert [limit.site.name for limit in member.site_limits.all()] == ["Quay Street"]
        assert [event.action for event in Event.objects.order_by("id")][-3:] == [
            "invitation.made",
            "member.added",
            "invitation.accepted",
        ]


def test_without_a_password_the_way_leads_to_a_passkey(world: World) -> None:
    _, link = invited(world)
    answer = Client().post(link, {"name": "New Person", "password": ""})
    assert answer["Location"] == "/accounts/2fa/webauthn/add/"
    assert not User.objects.get(email=NEW).has_usable_password()


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": ""}, "Enter your name"),
        ({"password": "short"}, "at least 12"),
        ({"password": "new.person@host.example"}, "too similar"),
    ],
)
def test_a_wrong_answer_is_named_and_nobody_is_made(world: World, fields: dict[str, str], says: str) -> None:
    invitation, link = invited(world)
    answer = Client().post(link, {"name": "New Person", "password": SECRET, **fields})
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not User.objects.filter(email=NEW).exists()
    assert state(world, invitation) == "standing"


def test_a_privileged_newcomer_gets_nowhere_before_a_second_factor(world: World) -> None:
    _, link = invited(world, roles=(Role.OWNER,))
    client = Client()
    accept(client, link)
    assert get_user(client).is_authenticated
    assert client.get("/o/host/admin/people/")["Location"].startswith("/accounts/second-factor/")


def test_a_person_with_an_account_signs_in_first_and_then_accepts(world: World, client_of: ClientOf) -> None:
    invitation, link = invited(world, email=world.stranger.email)
    text = Client().get(link).content.decode()
    assert f"/accounts/login/?next={link}" in text
    assert "password" not in text
    assert Client().post(link, {"name": "X", "password": SECRET}).status_code == 200
    assert state(world, invitation) == "standing", "without signing in nothing is accepted"
    assert client_of(world.stranger).post(link)["Location"] == "/o/host/"
    assert members(world)[world.stranger.email] == ["contributor"]
    assert User.objects.get(pk=world.stranger.pk).name == "Owner Elsewhere"


def test_without_the_form_token_nothing_is_accepted(world: World) -> None:
    invitation, link = invited(world)
    assert accept(Client(enforce_csrf_checks=True), link) == 403
    assert state(world, invitation) == "standing"


def test_a_member_or_a_standing_invitation_is_not_invited_again(world: World) -> None:
    invited(world)
    by = actor(world, world.owner)
    with scope(world.host.pk):
        for email, says in ((NEW.upper(), "has an invitation already"), (world.learner.email, "is a member already")):
            with pytest.raises(ValidationError, match=says):
                Invitation.make(email=email, roles=[Role.LEARNER], by=by)
        assert Invitation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_mail_carries_the_link_that_works(world: World, client_of: ClientOf) -> None:
    client = client_of(world.owner)
    answer = client.post("/o/host/admin/invitations/new/", {"email": NEW, "roles": ["learner"]})
    assert answer["Location"] == "/o/host/admin/invitations/"
    message = mail.outbox[-1]
    assert (message.to, message.subject) == ([NEW], "Owner Host invites you to Riverbend Community Health on Causeway")
    link = re.search(r"http://\S+?(/invitations/\S+/)", str(message.body))
    assert link
    html = str(message.alternatives[0][0])
    assert link[1] in html
    with scope(world.host.pk):
        assert Invitation.objects.get().sent_at is not None
    assert accept(Client(), link[1]) == 302
    assert members(world)[NEW] == ["learner"]


@pytest.mark.django_db(transaction=True)
def test_the_text_of_the_mail_names_everybody_as_they_are_called(world: World, client_of: ClientOf) -> None:
    Organization.objects.filter(pk=world.host.pk).update(name="O'Neil & Sons")
    client_of(world.owner).post("/o/host/admin/invitations/new/", {"email": NEW, "roles": ["learner"]})
    message = mail.outbox[-1]
    assert "Owner Host invites you to O'Neil & Sons on Causeway, as " in message.body
    assert "O&#39;Neil &amp; Sons" in str(message.alternatives[0][0])


@pytest.mark.django_db(transaction=True)
def test_a_dead_mail_server_does_not_lose_the_invitation(
    world: World, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.core.mail import EmailMultiAlternatives

    def refuse(self: object) -> None:
        raise ConnectionRefusedError("no mail server")

    monkeypatch.setattr(EmailMultiAlternatives, "send", refuse)
    client = client_of(world.owner)
    answer = client.post("/o/host/admin/invitations/new/", {"email": NEW, "roles": ["learner"]})
    assert answer.status_code == 302
    assert "Not yet" in client.get("/o/host/admin/invitations/").content.decode()
    with scope(world.host.pk):
        assert Invitation.objects.get().sent_at is None
