"""Messages over a connection to a mail server that answers by a script."""

import smtplib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from notices.smtp import PipelinedSMTP

TEXT = b"Subject: One\r\n\r\n.a line that begins with a dot\r\nend"
Serve = Callable[[dict[str, str]], "Talk"]


class Talk:
    """One server for one connection: what it heard, and its answer to each command."""

    def __init__(self, answers: dict[str, str]) -> None:
        self.answers = {
            "EHLO": "250-here\r\n250-PIPELINING\r\n250 SIZE 1000", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on",
            ".": "250 kept", "RSET": "250 ok", "QUIT": "221 bye", **answers,
        }  # fmt: skip
        self.heard: list[str] = []
        self.text = b""
        self.reads: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._thread.join(timeout=120)
        self._listener.close()

    def _serve(self) -> None:
        peer, _ = self._listener.accept()
        with peer:
            peer.sendall(b"220 hello\r\n")
            waiting, in_text = b"", False
            while received := peer.recv(65536):
                self.reads.append(received)
                waiting += received
                while b"\r\n" in waiting:
                    if in_text:
                        if not (b"\r\n" + waiting).endswith(b"\r\n.\r\n"):
                            break
                        self.text, waiting, in_text, word = waiting, b"", False, "."
                    else:
                        line, _, waiting = waiting.partition(b"\r\n")
                        word = line.decode().partition(" ")[0].upper()
                    self.heard.append(word)
                    answer = self.answers[word]
                    in_text = in_text or (word == "DATA" and answer.startswith("354"))
                    peer.sendall(f"{answer}\r\n".encode())
                    if word == "QUIT" or answer.startswith("421"):
                        return


@pytest.fixture
def serve() -> Iterator[Serve]:
    running: list[Talk] = []

    def start(answers: dict[str, str]) -> Talk:
        running.append(Talk(answers))
        return running[-1]

    yield start
    for talk in running:
        talk.close()


def send(talk: Talk, text: bytes = TEXT, times: int = 1, sender: str = "from@here.example") -> None:
    with PipelinedSMTP("127.0.0.1", talk.port, timeout=120) as connection:
        for _ in range(times):
            connection.sendmail(sender, ["to@there.example"], text)


def test_the_commands_go_out_together_and_dots_are_doubled(serve: Serve) -> None:
    talk = serve({})
    send(talk, times=2)
    assert talk.heard == ["EHLO", *["MAIL", "RCPT", "DATA", "."] * 2, "QUIT"]
    assert talk.text == b"Subject: One\r\n\r\n..a line that begins with a dot\r\nend\r\n.\r\n"
    commands = f"MAIL FROM:<from@here.example> size={len(TEXT)}\r\nRCPT TO:<to@there.example>\r\nDATA\r\n".encode()
    assert b"".join(talk.reads).count(commands) == 2


def test_a_server_that_does_not_offer_it_is_asked_one_by_one(serve: Serve) -> None:
    talk = serve({"EHLO": "250 here"})
    send(talk)
    assert talk.heard == ["EHLO", "MAIL", "RCPT", "DATA", ".", "QUIT"]
    assert b"mail FROM:<from@here.example>\r\n" in talk.reads


@pytest.mark.parametrize("data", ["354 go on", "554 no recipients"])
def test_a_refused_recipient_says_so_and_leaves_the_connection_in_step(serve: Serve, data: str) -> None:
    talk = serve({"RCPT": "550 nobody here", "DATA": data, ".": "554 no recipients"})
    with PipelinedSMTP("127.0.0.1", talk.port, timeout=120) as connection:
        for _ in range(2):
            with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
                connection.sendmail("from@here.example", ["to@there.example"], TEXT)
            assert refusal.value.recipients == {"to@there.example": (550, b"nobody here")}
    assert b"a line that begins" not in b"".join(talk.reads)


@pytest.mark.parametrize(
    ("answers", "error", "code"),
    [
        ({"MAIL": "451 later", "RCPT": "503 no", "DATA": "503 no"}, smtplib.SMTPSenderRefused, 451),
        ({"MAIL": "421 too many"}, smtplib.SMTPSenderRefused, 421),
        ({"DATA": "452 full"}, smtplib.SMTPDataError, 452),
        ({".": "554 spam"}, smtplib.SMTPDataError, 554),
    ],
)
def test_what_the_server_refuses_carries_its_code(
    serve: Serve, answers: dict[str, str], error: type[smtplib.SMTPResponseException], code: int
) -> None:
    talk = serve(answers)
    connection = PipelinedSMTP("127.0.0.1", talk.port, timeout=120)
    with pytest.raises(error) as refusal:
        connection.sendmail("from@here.example", ["to@there.example"], TEXT)
    assert refusal.value.smtp_code == code
    connection.close()


def test_an_address_with_a_line_break_adds_no_command(serve: Serve) -> None:
    talk = serve({})
    send(talk, sender="from@here.example\r\nRCPT TO:<other@there.example>")
    assert talk.heard == ["EHLO", "MAIL", "RCPT", "DATA", ".", "QUIT"]
