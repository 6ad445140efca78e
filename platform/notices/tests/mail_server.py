"""A mail server that does as a test tells it."""

import smtplib
from collections.abc import Callable

import pytest
from django.core.mail import EmailMultiAlternatives

from notices import delivery, engine


class Server:
    """Answers as told instead of the mail server; what it accepts can be asked for."""

    can_ask = True

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.kept: list[EmailMultiAlternatives] = []
        self.answers: list[Exception | str] = []
        self.meanwhile: Callable[[EmailMultiAlternatives], object] = lambda message: None
        monkeypatch.setattr(delivery.Postman, "__init__", lambda postman: None)
        monkeypatch.setattr(delivery.Postman, "close", lambda postman: None)
        monkeypatch.setattr(delivery.Postman, "_open", True, raising=False)
        monkeypatch.setattr(delivery.Postman, "_connection", self, raising=False)
        monkeypatch.setattr(engine, "acceptance", lambda: self)

    def send_messages(self, messages: list[EmailMultiAlternatives]) -> None:
        self.meanwhile(messages[0])
        answer = self.answers.pop(0) if self.answers else "kept"
        if answer in ("kept", "kept, then gone"):
            self.kept += messages
        if answer == "kept, then gone":
            raise smtplib.SMTPServerDisconnected("gone")
        if isinstance(answer, Exception):
            raise answer

    def accepted(self, message_id: str) -> bool | None:
        if not self.can_ask:
            return None
        return message_id in [message.extra_headers["Message-ID"] for message in self.kept]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    return Server(monkeypatch)
