"""What comes back about invitations, mails of sign-in and codes: forged reports first, then what follows from true ones."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client

from accounts import letters
from accounts.letters import NOBODYS, Kind
from accounts.models import Invitation, User
from accounts.web.mail import send_after_commit
from audit.models import Event
from notices import returns
from notices.models import Suppression
from notices.tests.test_returns import dsn
from tenancy.scope import scope
from testing.cast import World

pytestmark = pytest.mark.django_db(databases=["default", "steward"])
SOFT = {"status": "4.2.2", "said": "smtp; 452 4.2.2 mailbox full"}


def sent(kind: Kind, subject: UUID, to: str, organization: UUID = NOBODYS) -> str:
    """The address that a letter came from."""
    message = EmailMessage("Subject", "Text", to=[to])
    letters.returnable(message, kind, subject, organization)
    assert message.extra_headers["From"].endswith("<notices@causeway.example>")
    return message.from_email


def invited(world: World) -> tuple[Invitation, str]:
    with scope(world.host.pk):
        return Invitation.make(
            email="new@clinic.example",
            roles=["contributor"],
            by=world.owner.acting(world.host.pk, frozenset({"owner"})),
        )


def suppressed(world: World) -> list[tuple[str, str]]:
    found = []
    for organization in (world.host, world.elsewhere):
        with scope(organization.pk):
            found += Suppression.objects.values_list("address", "cause")
    return found


def test_a_report_that_nobody_could_have_got_changes_nothing(world: World) -> None:
    invitation, _ = invited(world)
    true = sent(Kind.PERSON, world.manager.pk, world.manager.email, world.host.pk)
    swapped = "z" if true[30] != "z" else "y"
    moved = f"{true[:30]}{swapped}{true[31:]}"  # another person or organization under the same proof
    elsewhere = true.replace(true.partition("@")[2], "reply.elsewhere.example")
    former = sent(Kind.PERSON, world.manager.pk, "former.address@host.example", world.host.pk)
    nobody = sent(Kind.PERSON, uuid4(), world.manager.email, world.host.pk)
    nowhere = sent(Kind.PERSON, world.manager.pk, world.manager.email, uuid4())
    other_kind = sent(Kind.INVITATION, world.manager.pk, world.manager.email, world.host.pk)
    other_address = sent(Kind.INVITATION, invitation.pk, "else@clinic.example", world.host.pk)
    other_house = sent(Kind.INVITATION, invitation.pk, "new@clinic.example", world.elsewhere.pk)
    for address in (moved, elsewhere, former, nobody, nowhere, other_kind, other_address, other_house):
        assert not returns.take(address, dsn("")).startswith("250 2.0.0 Noted")
    assert suppressed(world) == []
    with scope(world.host.pk):
        assert Invitation.objects.get(pk=invitation.pk).came_back == ""
        assert not Event.objects.filter(action__in=["invitation.came_back", "address.suppressed"]).exists()


def test_an_invitation_that_came_back_says_so_where_it_is_sent_again(
    world: World, client_of: Any, django_capture_on_commit_callbacks: Any
) -> None:
    invitation, secret = invited(world)
    with django_capture_on_commit_callbacks(execute=True), scope(world.host.pk):
        send_after_commit(invitation, secret, world.host, "Owner Host")
    [message] = mail.outbox
    address = str(message.from_email)
    assert returns.is_ours(address)
    assert len(address.partition("@")[0]) <= 64
    assert returns.take(address, dsn("<1@mx.example>")).startswith("250 2.0.0 Noted")
    assert returns.take(address, dsn("<1@mx.example>")).startswith("250 2.0.0 Nothing new")
    page = client_of(world.owner).get("/o/host/admin/invitations/").content.decode()
    assert "Came back" in page
    assert "no such user" in page
    assert suppressed(world) == []
    with scope(world.host.pk):
        assert Event.objects.filter(action="invitation.came_back").count() == 1
        Invitation.objects.get(pk=invitation.pk).renew(by=world.owner.acting(world.host.pk, frozenset({"owner"})))
        assert Invitation.objects.get(pk=invitation.pk).came_back == ""


def test_a_dead_mailbox_found_by_a_mail_of_sign_in_hears_nothing_more_anywhere(world: World) -> None:
    Client().post("/accounts/login/code/", {"email": world.manager.email})
    [message] = mail.outbox
    assert returns.take(str(message.from_email), dsn("<1@mx.example>")).startswith("250 2.0.0 Noted")
    assert suppressed(world) == [(world.manager.email, "bounced")]
    Client().post("/accounts/login/code/", {"email": world.manager.email})
    assert len(mail.outbox) == 2  # whoever mended the mailbox can still sign in


def test_a_code_that_came_back_counts_in_its_organization_alone(world: World) -> None:
    address = sent(Kind.PERSON, world.manager.pk, world.manager.email, world.host.pk)
    assert returns.take(address, dsn("", **SOFT)).startswith("250 2.0.0 Nothing new")
    assert suppressed(world) == []
    assert returns.take(address, dsn("")).startswith("250 2.0.0 Noted")
    with scope(world.host.pk):
        [row] = Suppression.objects.all()
        assert (row.user_id, row.address, row.kind) == (world.manager.pk, world.manager.email, "")
    with scope(world.elsewhere.pk):
        assert not Suppression.objects.exists()


def test_the_key_may_be_renewed_while_a_letter_is_on_its_way(world: World, settings: Any) -> None:
    address = sent(Kind.PERSON, world.manager.pk, world.manager.email, world.host.pk)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    assert returns.take(address, dsn("")).startswith("250 2.0.0 Noted")


def test_without_a_domain_for_returns_letters_leave_as_before(world: World, settings: Any) -> None:
    settings.RETURN_DOMAIN = ""
    message = EmailMessage("Subject", "Text", to=[world.manager.email])
    letters.returnable(message, Kind.PERSON, world.manager.pk)
    assert message.from_email == settings.DEFAULT_FROM_EMAIL
    assert letters.read("l." + "a" * 61 + "@") is None


def test_a_person_without_an_organization_loses_nothing(world: World) -> None:
    alone = User.objects.create_user("alone@nowhere.example", name="Alone")
    address = sent(Kind.PERSON, alone.pk, alone.email)
    assert returns.take(address, dsn("")).startswith("250 2.0.0 Nothing new")
