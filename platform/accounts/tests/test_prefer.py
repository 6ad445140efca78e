"""One's own settings, and the list of one's sessions."""

from collections.abc import Callable
from datetime import time

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.models import User
from testing.cast import World

ClientOf = Callable[[User], Client]
WISHES = {
    "name": "Prescriber Host",
    "time_zone": "America/Chicago",
    "language": "en-us",
    "theme": "dark",
    "compact": "on",
    "quiet_from": "19:00",
    "quiet_until": "07:30",
}


def test_settings_are_kept_and_the_page_takes_them_on(world: World, client_of: ClientOf) -> None:
    client = client_of(world.learner)
    client.cookies["causeway_theme"] = "light"
    answer = client.post("/me/", WISHES)
    assert answer.status_code == 302
    user = User.objects.get(pk=world.learner.pk)
    assert (user.time_zone, user.theme, user.compact, user.shortcuts) == ("America/Chicago", "dark", True, False)
    assert (user.quiet_from, user.quiet_until) == (time(19), time(7, 30))
    text = client.get("/me/").content.decode()
    assert 'data-theme="dark" data-density="compact" data-keys="off"' in text


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("quiet_until", "", "Quiet hours need a start and an end."),
        ("time_zone", "Mars/Olympus", "Select a valid choice"),
        ("name", "", "Enter name"),
    ],
)
def test_a_wrong_setting_is_named_and_nothing_is_kept(
    world: World, client_of: ClientOf, field: str, value: str, says: str
) -> None:
    answer = client_of(world.learner).post("/me/", {**WISHES, field: value})
    assert answer.status_code == 422
    assert says in answer.content.decode()
    user = User.objects.get(pk=world.learner.pk)
    assert (user.theme, user.time_zone, user.name) == ("", "", "Prescriber Host")


def test_what_is_not_a_setting_cannot_be_set(world: World, client_of: ClientOf) -> None:
    client_of(world.learner).post("/me/", {**WISHES, "is_staff": "on", "email": "owner@host.example"})
    user = User.objects.get(pk=world.learner.pk)
    assert (user.is_staff, user.email) == (False, "prescriber@host.example")
    with pytest.raises(ValueError, match="Not a person's own setting: is_staff"):
        user.prefer(is_staff=True)
    with pytest.raises(ValidationError):
        user.prefer(theme="pink")
    assert User.objects.get(pk=user.pk).theme == "dark"


def test_times_are_written_in_the_zone_of_the_person(world: World, client_of: ClientOf) -> None:
    from django.utils import timezone

    from accounts.middleware import in_zone

    with in_zone("America/Chicago"):
        assert timezone.get_current_timezone_name() == "America/Chicago"
    assert timezone.get_current_timezone_name() == "UTC"


def browser(client_of: ClientOf, user: User, agent: str) -> Client:
    client = client_of(user)
    client.get("/me/", HTTP_USER_AGENT=agent)
    return client


def test_one_session_can_be_ended_from_another(world: World, client_of: ClientOf) -> None:
    phone = browser(client_of, world.learner, "Mozilla/5.0 (iPhone) Safari/604")
    desk = browser(client_of, world.learner, "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0")
    text = desk.get("/me/").content.decode()
    assert "Safari on iPhone" in text
    from allauth.usersessions.models import UserSession

    other = UserSession.objects.get(session_key=phone.session.session_key)
    desk.post("/me/sessions/end", {"session": other.pk})
    assert phone.get("/me/").status_code == 302
    assert desk.get("/me/").status_code == 200


def test_all_other_sessions_can_be_ended_at_once(world: World, client_of: ClientOf) -> None:
    others = [browser(client_of, world.learner, f"Firefox/{number}") for number in range(2)]
    desk = browser(client_of, world.learner, "Chrome/140.0")
    desk.post("/me/sessions/end-others")
    assert [client.get("/me/").status_code for client in [*others, desk]] == [302, 302, 200]


def test_another_persons_session_cannot_be_ended(world: World, client_of: ClientOf) -> None:
    from allauth.usersessions.models import UserSession

    victim = browser(client_of, world.learner, "Firefox/1")
    session = UserSession.objects.get(session_key=victim.session.session_key)
    attacker = client_of(world.contributor)
    assert attacker.post("/me/sessions/end", {"session": session.pk}).status_code == 404
    assert attacker.post("/me/sessions/end", {"session": "x"}).status_code == 404
    assert victim.get("/me/").status_code == 200
