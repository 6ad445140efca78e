"""Where a person lands, and how they switch between organizations."""

from collections.abc import Callable

from django.test import Client

from access.permissions import Role
from accounts.models import Membership, User
from tenancy.scope import scope
from testing.cast import SETUP, World

ClientOf = Callable[[User], Client]


def test_without_a_session_home_is_the_sign_in_page(db: None) -> None:
    assert Client().get("/")["Location"] == "/accounts/login/?next=/"


def test_with_one_organization_home_is_that_organization(world: World, client_of: ClientOf) -> None:
    assert client_of(world.learner).get("/")["Location"] == "/o/host/"


def test_in_an_organization_each_lands_where_their_work_is(world: World, client_of: ClientOf) -> None:
    assert client_of(world.learner).get("/o/host/")["Location"] == "/o/host/learning/"
    assert client_of(world.manager).get("/o/host/")["Location"] == "/o/host/inbox/"


def test_what_a_password_needs_is_said_in_words(world: World, client_of: ClientOf) -> None:
    text = client_of(world.approver).get("/accounts/password/set/").content.decode()
    assert "Your password must contain at least 12 characters." in text
    assert "&lt;" not in text


def test_with_several_home_is_the_list_of_them(world: World, client_of: ClientOf) -> None:
    with scope(world.vendor.pk):
        Membership.add(world.learner, roles=[Role.LEARNER], by=SETUP)
    client = client_of(world.learner)
    assert client.get("/")["Location"] == "/organizations/"
    text = client.get("/organizations/").content.decode()
    assert "Riverbend Community Health" in text
    assert "Stillwater Health" in text
    assert "Elsewhere Clinics" not in text


def test_with_none_the_list_says_what_to_do(world: World, client_of: ClientOf) -> None:
    with scope(world.host.pk):
        Membership.objects.get(user=world.learner).end(by=SETUP)
    answer = client_of(world.learner).get("/organizations/")
    assert "You belong to no organization" in answer.content.decode()


def test_an_operator_without_an_organization_lands_in_the_admin(world: World, client_of: ClientOf) -> None:
    operator = User.objects.create_superuser("operator@platform.example", name="Operator")
    assert client_of(operator).get("/")["Location"] == "/admin/"


def test_a_member_enters_and_a_stranger_gets_what_a_missing_organization_gets(
    world: World, client_of: ClientOf
) -> None:
    assert client_of(world.learner).get("/o/host/").status_code == 302
    stranger = client_of(world.stranger)
    known, unknown = stranger.get("/o/host/"), stranger.get("/o/nowhere/")
    assert (known.status_code, known.content) == (404, unknown.content)


def test_an_anonymous_visitor_is_sent_to_sign_in_whatever_the_organization(world: World) -> None:
    client = Client()
    assert client.get("/o/host/deployments/")["Location"] == "/accounts/login/?next=/o/host/deployments/"
    assert client.get("/o/nowhere/x/")["Location"] == "/accounts/login/?next=/o/nowhere/x/"
    assert client.post("/o/host/x/")["Location"] == "/accounts/login/?next=/"


def test_an_htmx_request_without_a_session_leaves_the_page_as_a_whole(world: World) -> None:
    answer = Client().get(
        "/o/host/part", HTTP_HX_REQUEST="true", HTTP_HX_CURRENT_URL="http://testserver/o/host/deployments/?q=1"
    )
    assert answer["HX-Redirect"] == "/accounts/login/?next=%2Fo%2Fhost%2Fdeployments%2F%3Fq%3D1"


def test_signing_out_ends_the_session(world: World, client_of: ClientOf) -> None:
    client = client_of(world.learner)
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/o/host/").status_code == 302
    assert client.post("/accounts/logout/")["Clear-Site-Data"] == '"cache"'
    assert client.get("/o/host/")["Location"] == "/accounts/login/?next=/o/host/"
