"""One-click sign-in: there under development settings only, and only by a confirmed POST."""

import pytest
from django.contrib.auth import get_user
from django.test import Client

from accounts.models import User
from testing.cast import World

ADDRESS = "/dev/sign-in"


def signed_in(client: Client) -> str | None:
    """The address of the person whose session this is."""
    user = get_user(client)
    return user.email if user.is_authenticated else None


def test_it_lists_people_by_organization_with_their_roles(world: World) -> None:
    text = Client().get(ADDRESS).content.decode()
    assert text.index("Riverbend Community Health") < text.index("implementation.manager@host.example")
    assert "Implementation manager" in text


def test_a_click_signs_in_with_two_factors(world: World) -> None:
    client = Client()
    answer = client.post(ADDRESS, {"person": world.owner.email})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert signed_in(client) == world.owner.email
    assert client.get("/me/").status_code == 200


def test_it_goes_where_one_wanted_to_go_but_never_off_site(world: World) -> None:
    answer = Client().post(ADDRESS, {"person": world.owner.email, "next": "/o/host/"})
    assert answer["Location"] == "/o/host/"
    answer = Client().post(ADDRESS, {"person": world.owner.email, "next": "https://evil.example/"})
    assert answer["Location"] == "/"


def test_without_the_form_token_nobody_is_signed_in(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(ADDRESS, {"person": world.owner.email}).status_code == 403
    assert signed_in(client) is None


def test_a_link_signs_nobody_in(world: World) -> None:
    client = Client()
    client.get(ADDRESS, {"person": world.owner.email})
    assert signed_in(client) is None


def test_somebody_unknown_or_closed_is_not_signed_in(world: World) -> None:
    User.objects.filter(pk=world.learner.pk).update(is_active=False)
    for email in ("nobody@host.example", world.learner.email, ""):
        client = Client()
        assert client.post(ADDRESS, {"person": email}).status_code == 404
        assert signed_in(client) is None


@pytest.mark.parametrize("method", ["get", "post"])
def test_under_production_settings_there_is_no_such_page(world: World, settings: object, method: str) -> None:
    settings.DEVELOPMENT_SIGN_IN = False
    client = Client()
    answer = getattr(client, method)(ADDRESS, {"person": world.owner.email})
    assert answer.status_code == 404
    assert answer.content == client.get("/there-is-no-such-page").content
    assert signed_in(client) is None


def test_its_second_factor_counts_for_nothing_under_production_settings(
    world: World, client_of: object, settings: object
) -> None:
    client = client_of(world.owner)
    settings.DEVELOPMENT_SIGN_IN = False
    assert client.get("/o/host/")["Location"].startswith("/accounts/second-factor/")
