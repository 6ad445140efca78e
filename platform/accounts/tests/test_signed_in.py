"""Who is signed in is read anew with every request: an old session, or a person who was switched off, is nobody."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.models import User
from testing.cast import World

pytestmark = pytest.mark.django_db
HOME = "/me/reminders/"


def is_in(client: Client) -> bool:
    answer = client.get(HOME)
    assert answer.status_code in {200, 302}
    return answer.status_code == 200


def test_a_session_ends_at_its_moment(world: World, client_of: Any) -> None:
    client = client_of(world.manager)
    assert is_in(client)
    Session.objects.update(expire_date=timezone.now() - timedelta(microseconds=1))
    assert not is_in(client)


def test_a_deleted_session_is_over_in_the_next_request(world: World, client_of: Any) -> None:
    client, other = client_of(world.manager), client_of(world.owner)
    assert (is_in(client), is_in(other)) == (True, True)
    Session.objects.filter(pk=client.session.session_key).delete()
    assert (is_in(client), is_in(other)) == (False, True)


def test_a_person_who_was_switched_off_is_out_in_the_next_request(world: World, client_of: Any) -> None:
    client = client_of(world.manager)
    assert is_in(client)
    User.objects.filter(pk=world.manager.pk).update(is_active=False)
    assert not is_in(client)
    User.objects.filter(pk=world.manager.pk).update(is_active=True)
    assert is_in(client)


@pytest.mark.parametrize("key", ["", "x", "0" * 32, "a" * 400, "'; drop table x; --"])
def test_a_made_up_key_opens_nothing(world: World, settings: Any, key: str) -> None:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    assert not is_in(client)
    assert Session.objects.count() == 0
