"""What is written for the mail server is what the standard library writes, to the byte."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from django.core.mail import BadHeaderError
from hypothesis import example, given
from hypothesis import strategies as st

from notices.written import WrittenMessage

# Lines of a mail: any character that can be stored, in any language, with every way to end a line.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=200)
WORDS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=150).map(
    lambda words: " ".join(words.split())
)
NAMES = st.text(st.characters(categories=["L", "N", "Zs"]), max_size=90).map(lambda name: " ".join(name.split()))


def letter(subject: str = "Due", body: str = "Text", html: str = "<p>Text</p>", **headers: str) -> WrittenMessage:
    message = WrittenMessage(
        subject=subject,
        body=body,
        from_email="b.abc@returns.example",
        to=["person@there.example"],
        reply_to=["answer@here.example"],
        headers={
            "From": "Causeway <notices@causeway.example>",
            "Message-ID": "<1.0.2@causeway.example>",
            "Date": "Thu, 26 Nov 2026 18:00:00 -0000",
            **headers,
        },
    )
    message.attach_alternative(html, "text/html")
    return message


def by_the_library(message: WrittenMessage) -> bytes:
    return bytes(message.message().as_bytes(linesep="\r\n"))


@given(subject=WORDS, body=TEXT, html=TEXT, name=NAMES, reason=WORDS)
@example(subject="", body="", html="", name="", reason="")
@example(subject="=?utf-8?q?x?= y", body="a\r\nb\rc\n\n", html="\u2028\x85\x0c", name="Ünïtéd", reason="x" * 150)
@example(subject="Ärzte " * 20, body="ä" * 999, html="y" * 999, name="n" * 80, reason="é")
@example(subject="a" * 90, body=".\n..\n", html="--1\n" * 300, name="A B", reason=" ")
def test_it_is_the_library_s_to_the_byte(subject: str, body: str, html: str, name: str, reason: str) -> None:
    message = letter(subject, body, html, **{"List-Id": f"{name} <one.causeway.example>", "X-Reason": reason})
    assert message.write().octets == by_the_library(message)


def test_it_is_read_again_as_it_was_meant() -> None:
    octets = letter("Prüfung fällig", "Grüße\n.\nEnde\n", "<p>Grüße</p>").write().octets
    read = message_from_bytes(octets, _class=EmailMessage, policy=policy.default)
    assert (read["Subject"], read["To"], read["Reply-To"]) == (
        "Prüfung fällig", "person@there.example", "answer@here.example",
    )  # fmt: skip
    text, html = read.get_body(("plain",)), read.get_body(("html",))
    assert text is not None
    assert html is not None
    assert (text.get_content(), html.get_content()) == ("Grüße\r\n.\r\nEnde\r\n", "<p>Grüße</p>")


@pytest.mark.parametrize(
    "line", ["x\r\nBcc: all@there.example", "x\nBcc: all@there.example", "x\rBcc: all@there.example"]
)
def test_no_value_adds_a_header(line: str) -> None:
    for message in (letter(subject=line), letter(**{"List-Id": line})):
        with pytest.raises(BadHeaderError):
            message.write()
        assert message.octets == b""


def test_what_it_does_not_know_is_written_by_the_library() -> None:
    message = letter()
    message.attach("notes.txt", "Notes", "text/plain")
    read = message_from_bytes(message.write().octets, policy=policy.default)
    assert [part.get_content_type() for part in read.walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/plain",
    ]  # fmt: skip
