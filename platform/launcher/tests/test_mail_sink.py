"""The mail sink over real SMTP."""

import json
import mailbox
import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

import pytest

from launcher.mail_sink import MODES, Faults, Mailbox, key, message_id_of
from launcher.places import ROOT
from launcher.tests.processes import wait_until


class Running(NamedTuple):
    port: int
    mailbox: Mailbox

    def send(self, message_id: str | None = "<one@test.example>", timeout: float = 10) -> None:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "notices@test.example", "champion@test.example", "Due"
        if message_id:
            message["Message-ID"] = message_id
        message.set_content("Ünïcode is kept.")
        with smtplib.SMTP("127.0.0.1", self.port, timeout=timeout) as client:
            client.send_message(message)

    def spoil(self, **fault: object) -> None:
        (self.mailbox.folder / "faults.json").write_text(json.dumps(fault))

    def kept(self) -> int:
        return len(list((self.mailbox.folder / "new").iterdir()))


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Running]:
    folder = tmp_path / "mailbox"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number = listener.fileno()
        process = subprocess.Popen(
            [sys.executable, "-m", "launcher.mail_sink", str(folder), str(number)], pass_fds=(number,),
            cwd=ROOT / "platform",
        )  # fmt: skip
        try:
            wait_until(folder.exists, "the sink is up")
            yield Running(listener.getsockname()[1], Mailbox(folder))
        finally:
            process.terminate()
            process.wait(10)


def test_an_accepted_message_is_in_the_maildir_and_known_by_its_id(sink: Running) -> None:
    assert not sink.mailbox.accepted("<one@test.example>")
    sink.send("<one@test.example>")
    assert sink.mailbox.accepted("<one@test.example>")
    assert not sink.mailbox.accepted("<two@test.example>")
    (message,) = mailbox.Maildir(sink.mailbox.folder, create=False)
    assert message["Subject"] == "Due"
    assert message["Delivered-To"] == "champion@test.example"
    assert message.get_payload(decode=True).decode().strip() == "Ünïcode is kept."


def test_the_index_names_the_message_itself(sink: Running) -> None:
    sink.send("<one@test.example>")
    (stored,) = (sink.mailbox.folder / "new").iterdir()
    assert (sink.mailbox.folder / "by-id" / key(" <one@test.example> ")).samefile(stored)


def test_a_message_sent_twice_is_there_twice_and_known_once(sink: Running) -> None:
    sink.send("<one@test.example>")
    sink.send("<one@test.example>")
    assert sink.kept() == 2
    assert len(list((sink.mailbox.folder / "by-id").iterdir())) == 1


def test_a_message_without_an_id_is_kept(sink: Running) -> None:
    sink.send(None)
    assert sink.kept() == 1
    assert list((sink.mailbox.folder / "by-id").iterdir()) == []


@pytest.mark.parametrize(("mode", "code"), [("refuse-for-now", 451), ("refuse", 554)])
def test_a_refusal_is_told_and_nothing_is_kept(sink: Running, mode: str, code: int) -> None:
    sink.spoil(mode=mode)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        sink.send()
    assert refused.value.smtp_code == code
    assert sink.kept() == 0
    assert not sink.mailbox.accepted("<one@test.example>")


def test_a_hang_lasts_until_the_sender_gives_up_and_nothing_is_kept(sink: Running) -> None:
    sink.spoil(mode="hang")
    with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
        sink.send(timeout=0.5)
    assert sink.kept() == 0


def test_a_drop_keeps_nothing(sink: Running) -> None:
    sink.spoil(mode="drop")
    with pytest.raises(smtplib.SMTPServerDisconnected):
        sink.send()
    assert sink.kept() == 0


def test_accept_then_drop_keeps_the_message_though_the_sender_never_hears_of_it(sink: Running) -> None:
    sink.spoil(mode="accept-then-drop")
    with pytest.raises(smtplib.SMTPServerDisconnected):
        sink.send()
    assert sink.kept() == 1
    assert sink.mailbox.accepted("<one@test.example>")
    sink.send()  # the second copy is answered
    assert sink.kept() == 2


def test_every_nth_message_is_spoiled_until_the_file_goes(sink: Running) -> None:
    sink.spoil(mode="refuse", every=2)
    sink.send("<1@test.example>")
    with pytest.raises(smtplib.SMTPDataError):
        sink.send("<2@test.example>")
    sink.send("<3@test.example>")
    (sink.mailbox.folder / "faults.json").unlink()
    sink.send("<4@test.example>")
    assert [sink.mailbox.accepted(f"<{number}@test.example>") for number in (1, 2, 3, 4)] == [True, False, True, True]


def test_an_unknown_fault_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "faults.json").write_text('{"mode": "explode"}')
    with pytest.raises(ValueError, match="mode 'explode' is none of " + ", ".join(MODES)):
        Faults(tmp_path).next()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (
            b"Subject: One\r\nmessage-id:\r\n <one@test.example>\r\n\r\nMessage-ID: <two@test.example>",
            "<one@test.example>",
        ),
        (b"Subject: One\r\n\r\nMessage-ID: <two@test.example>\r\n", ""),
        (b"Message-ID: <one@test.example>", "<one@test.example>"),
        (b"\r\nMessage-ID: <two@test.example>\r\n\r\n", ""),
        (b"\xff\x00", ""),
    ],
)
def test_the_id_stands_in_the_headers_alone(content: bytes, found: str) -> None:
    assert message_id_of(content).strip() == found
