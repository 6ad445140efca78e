"""The admin console: who sees it, who changes what, and that removal is felt at the next request."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from access.permissions import SAYS, Role
from accounts.models import ApiToken, Invitation, Membership, User
from accounts.models.membership import RoleOutOfReach
from audit.models import Event
from tenancy.ids import uuid7
from tenancy.models import Organization, Share, Site
from tenancy.scope import scope
from testing.cast import SETUP, World, person

ClientOf = Callable[[User], Client]
PAGES = ("people/", "invitations/", "invitations/new/", "roles/", "organization/", "tokens/", "tokens/new/")
SEEN_BY = {
    "owner": set(PAGES),
    "manager": {"people/", "roles/"},
    "auditor": {"people/", "roles/"},
    "contributor": set(),
    "approver": set(),
    "learner": set(),
}


def membership(world: World, user: User) -> Membership:
    with scope(world.host.pk):
        return Membership.objects.select_related("user").get(user=user, ended_at=None)


def roles_of(world: World, user: User) -> list[str]:
    return membership(world, user).roles


def add(world: World, role: Role, name: str) -> User:
    user = person(f"{name}@host.example", name.capitalize())
    with scope(world.host.pk):
        Membership.add(user, roles=[role], by=SETUP)
    return user


@pytest.mark.parametrize("who", SEEN_BY)
def test_each_role_sees_its_pages_and_a_refusal_for_the_others(world: World, client_of: ClientOf, who: str) -> None:
    client = client_of(getattr(world, who))
    answers = {name: client.get(f"/o/host/admin/{name}") for name in PAGES}
    assert {name for name, answer in answers.items() if answer.status_code == 200} == SEEN_BY[who]
    refused = [answer for name, answer in answers.items() if name not in SEEN_BY[who]]
    assert {answer.status_code for answer in refused} <= {403}
    assert all("You cannot do this" in answer.content.decode() for answer in refused)


def test_to_a_stranger_the_console_is_a_missing_page(world: World, client_of: ClientOf) -> None:
    client = client_of(world.stranger)
    member = membership(world, world.learner).pk
    for name in (*PAGES, f"people/{member}/", "leave/"):
        known, unknown = client.get(f"/o/host/admin/{name}"), client.get(f"/o/nowhere/admin/{name}")
        assert (known.status_code, known.content) == (404, unknown.content)
    assert client.post(f"/o/host/admin/people/{member}/remove").status_code == 404
    assert roles_of(world, world.learner) == ["learner"]


def test_a_member_of_another_organization_is_a_missing_one(world: World, client_of: ClientOf) -> None:
    with scope(world.elsewhere.pk):
        foreign = Membership.objects.get(user=world.stranger).pk
    client = client_of(world.owner)
    known = client.get(f"/o/host/admin/people/{foreign}/")
    unknown = client.get(f"/o/host/admin/people/{uuid7()}/")
    assert (known.status_code, known.content) == (404, unknown.content)
    assert client.post(f"/o/host/admin/people/{foreign}/remove").status_code == 404
    with scope(world.elsewhere.pk):
        assert Membership.objects.get(pk=foreign).ended_at is None


def test_a_partner_never_sees_the_people_of_the_host(world: World, client_of: ClientOf) -> None:
    with scope(world.host.pk):
        Share.objects.create(
            deployment_id=uuid7(), partner=world.vendor, part=Organization.Kind.VENDOR, granted_at=timezone.now()
        )
    client = client_of(world.vendor_manager)
    member = membership(world, world.learner).pk
    for name in (*PAGES, f"people/{member}/"):
        assert client.get(f"/o/host/admin/{name}").status_code in {403, 404}, name
    assert client.get("/o/host/admin/leave/").status_code == 404
    with scope(world.host.pk, deployments=[uuid7()]):
        assert not Membership.objects.exists()
        assert not Invitation.objects.exists()
        assert not ApiToken.objects.exists()


def test_a_partners_role_at_home_gives_nothing_in_the_host(world: World) -> None:
    by = world.vendor_manager.acting(world.vendor.pk, frozenset({Role.OWNER}))
    with scope(world.host.pk):
        member = Membership.objects.get(user=world.learner)
        for verb in (
            lambda: Invitation.make(email="x@vendor.example", roles=[Role.LEARNER], by=by),
            lambda: member.change_roles([Role.OWNER], by=by),
            lambda: member.end(by=by),
            lambda: ApiToken.make(name="x", scopes=["item.read"], expires_at=timezone.now(), by=by),
        ):
            with pytest.raises(RoleOutOfReach):
                verb()
        assert (member.roles, member.ended_at, Invitation.objects.count()) == (["learner"], None, 0)


def test_the_list_says_what_is_known_of_each_person(world: World, client_of: ClientOf) -> None:
    client_of(world.learner).get("/me/")
    text = client_of(world.owner).get("/o/host/admin/people/").content.decode()
    assert "6 members" in text
    assert "Wanted by the role" in text
    assert "owner@elsewhere.example" not in text
    only = client_of(world.owner).get("/o/host/admin/people/?role=learner").content.decode()
    assert "prescriber@host.example" in only
    assert "auditor@host.example" not in only


def test_the_list_asks_the_database_no_more_for_more_people(
    world: World, client_of: ClientOf, django_assert_num_queries: Callable[..., object]
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = client_of(world.owner)
    client.get("/o/host/admin/people/")
    with CaptureQueriesContext(connection) as few:
        client.get("/o/host/admin/people/")
    for number in range(8):
        add(world, Role.LEARNER, f"learner{number}")
    with CaptureQueriesContext(connection) as many:
        client.get("/o/host/admin/people/")
    assert len(many) == len(few)


def test_changed_roles_hold_at_the_next_request(world: World, client_of: ClientOf) -> None:
    victim = client_of(world.manager)
    assert victim.get("/o/host/admin/people/").status_code == 200
    with scope(world.host.pk):
        site = Site.objects.create(name="Quay Street")
    address = f"/o/host/admin/people/{membership(world, world.manager).pk}/"
    answer = client_of(world.owner).post(address, {"roles": ["learner"], "sites": [str(site.pk)]})
    assert answer.status_code == 302
    assert roles_of(world, world.manager) == ["learner"]
    assert victim.get("/o/host/admin/people/").status_code == 403
    text = client_of(world.owner).get(address).content.decode()
    assert "Quay Street" in text
    assert "changed a member&#39;s roles from implementation_manager to learner" in text


def test_a_site_of_another_organization_is_no_choice(world: World, client_of: ClientOf) -> None:
    with scope(world.elsewhere.pk):
        foreign = Site.objects.create(name="Far Away").pk
    address = f"/o/host/admin/people/{membership(world, world.manager).pk}/"
    answer = client_of(world.owner).post(address, {"roles": ["implementation_manager"], "sites": [str(foreign)]})
    assert answer.status_code == 422
    assert "Far Away" not in answer.content.decode()


def test_an_administrator_makes_no_owner_and_touches_none(world: World, client_of: ClientOf) -> None:
    client = client_of(add(world, Role.ADMINISTRATOR, "administrator"))
    learner = f"/o/host/admin/people/{membership(world, world.learner).pk}/"
    for roles in (["owner"], ["learner", "approver"]):
        assert client.post(learner, {"roles": roles}).status_code == 422
    owner = f"/o/host/admin/people/{membership(world, world.owner).pk}/"
    assert client.post(owner, {"roles": ["learner"]}).status_code == 403
    assert client.post(owner + "remove").status_code == 403
    assert (roles_of(world, world.learner), roles_of(world, world.owner)) == (["learner"], ["owner"])


def test_nobody_raises_their_own_roles(world: World, client_of: ClientOf) -> None:
    administrator = add(world, Role.ADMINISTRATOR, "administrator")
    address = f"/o/host/admin/people/{membership(world, administrator).pk}/"
    answer = client_of(administrator).post(address, {"roles": ["administrator", "owner"]})
    assert answer.status_code == 422
    for user in (world.manager, world.auditor):
        address = f"/o/host/admin/people/{membership(world, user).pk}/"
        assert client_of(user).post(address, {"roles": ["owner"]}).status_code == 403
    assert roles_of(world, administrator) == ["administrator"]
    assert roles_of(world, world.manager) == ["implementation_manager"]


def test_a_removed_member_is_out_at_the_next_request(world: World, client_of: ClientOf) -> None:
    victim = client_of(world.contributor)
    assert victim.get("/o/host/").status_code == 302
    answer = client_of(world.owner).post(f"/o/host/admin/people/{membership(world, world.contributor).pk}/remove")
    assert answer.status_code == 302
    gone, missing = victim.get("/o/host/"), victim.get("/o/nowhere/")
    assert (gone.status_code, gone.content) == (404, missing.content)
    with scope(world.host.pk):
        event = Event.objects.filter(action="member.removed").get()
        assert (event.actor_id, event.data) == (world.owner.pk, {"user": str(world.contributor.pk)})


def test_the_last_owner_stays(world: World, client_of: ClientOf) -> None:
    client = client_of(world.owner)
    member = membership(world, world.owner).pk
    assert client.post(f"/o/host/admin/people/{member}/remove").status_code == 409
    assert client.post("/o/host/admin/leave/").status_code == 409
    answer = client.post(f"/o/host/admin/people/{member}/", {"roles": ["learner"]})
    assert answer.status_code == 422
    assert "keeps at least one owner" in answer.content.decode()
    assert roles_of(world, world.owner) == ["owner"]


def test_a_member_leaves_after_being_asked(world: World, client_of: ClientOf) -> None:
    client = client_of(world.learner)
    assert client.get("/o/host/admin/leave/").status_code == 200
    assert roles_of(world, world.learner) == ["learner"]
    assert client.post("/o/host/admin/leave/")["Location"] == "/organizations/"
    assert client.get("/o/host/").status_code == 404
    with scope(world.host.pk):
        assert Event.objects.filter(action="member.left").count() == 1


def test_the_matrix_shows_every_permission(world: World, client_of: ClientOf) -> None:
    text = client_of(world.auditor).get("/o/host/admin/roles/").content.decode()
    assert all(says in text for says in SAYS.values())


def test_settings_are_changed_and_recorded(world: World, client_of: ClientOf) -> None:
    fields = {"name": "Riverbend Health", "time_zone": "America/Chicago", "country": "us"}
    client = client_of(world.owner)
    assert client.post("/o/host/admin/organization/", fields).status_code == 302
    organization = Organization.objects.get(pk=world.host.pk)
    assert (organization.name, organization.time_zone, organization.slug) == (
        "Riverbend Health",
        "America/Chicago",
        "host",
    )
    with scope(world.host.pk):
        assert Event.objects.get(action="organization.changed").data == {"fields": "name, time_zone"}
    client.post("/o/host/admin/organization/", fields)
    with scope(world.host.pk):
        assert Event.objects.filter(action="organization.changed").count() == 1


@pytest.mark.parametrize("wrong", [{"name": ""}, {"time_zone": "Mars/Olympus"}, {"country": "USA"}])
def test_wrong_settings_change_nothing(world: World, client_of: ClientOf, wrong: dict[str, str]) -> None:
    fields = {"name": "Taken", "time_zone": "America/Chicago", "country": "US", **wrong}
    assert client_of(world.owner).post("/o/host/admin/organization/", fields).status_code == 422
    assert Organization.objects.get(pk=world.host.pk).name == "Riverbend Community Health"


@pytest.mark.parametrize("address", ["people/{member}/remove", "organization/", "leave/", "invitations/new/"])
def test_without_the_form_token_nothing_happens(world: World, client_of: ClientOf, address: str) -> None:
    client = client_of(world.owner)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    member = membership(world, world.learner).pk
    assert strict.post(f"/o/host/admin/{address.format(member=member)}").status_code == 403
    assert roles_of(world, world.learner) == ["learner"]
