"""The mails of sign-in: the product's words and look, and a mail server that does not answer."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth import get_user
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client

from accounts.models import User
from testing.cast import World


def html_of(message: object) -> str:
    return str(message.alternatives[0][0])


def test_the_code_stands_in_both_versions(world: World) -> None:
    Client().post("/accounts/login/code/", {"email": world.learner.email})
    message = mail.outbox[-1]
    code = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", str(message.body))
    assert code
    assert message.subject == "Your sign-in code"
    assert code[0] in html_of(message)
    for word in ("testserver", "Please", "please"):
        assert word not in str(message.body)


def test_the_reset_link_is_a_button_in_the_html_version(world: World) -> None:
    Client().post("/accounts/password/reset/", {"email": world.learner.email})
    message = mail.outbox[-1]
    link = re.search(r"http://\S+", str(message.body))
    assert link
    assert f'<a href="{link[0]}"' in html_of(message)
    assert "patient data" in html_of(message)


def test_a_changed_email_address_counts_once_its_link_is_opened(
    world: World, client_of: Callable[[User], Client]
) -> None:
    client = client_of(world.learner)
    assert client.get("/accounts/email/").status_code == 200
    client.post("/accounts/email/", {"email": "new@host.example", "action_add": ""})
    assert User.objects.get(pk=world.learner.pk).email == "prescriber@host.example"
    message = next(message for message in mail.outbox if message.to == ["new@host.example"])
    link = re.search(r"http://testserver(/\S+)", str(message.body))
    assert link
    assert client.get(link[1]).status_code == 200
    assert User.objects.get(pk=world.learner.pk).email == "prescriber@host.example", "a GET changes nothing"
    client.post(link[1])
    assert User.objects.get(pk=world.learner.pk).email == "new@host.example"


def test_a_mail_server_that_does_not_answer_is_named_on_the_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: object, *args: object, **kwargs: object) -> None:
        raise ConnectionRefusedError("no mail server")

    monkeypatch.setattr(EmailMessage, "send", refuse)
    client = Client()
    answer = client.post("/accounts/login/code/", {"email": world.learner.email}, follow=True)
    assert answer.status_code == 200
    assert "The mail could not be sent." in answer.content.decode()
    assert not get_user(client).is_authenticated
