"""What a person wrote is cut out of the message it came in."""

import time
from email import message_from_string, policy
from email.message import EmailMessage
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.replies.opening import Unreadable, opened
from onboarding.replies.reading import MARK, answer, cut


@pytest.mark.parametrize(
    "below",
    [
        "On Thu, 26 Nov 2026 at 09:14, Causeway <notices@causeway.example> wrote:\n> Your name",
        "On Thu, 26 Nov 2026 at 09:14,\nCauseway <notices@causeway.example> wrote:\n> Your name",
        "-----Original Message-----\nFrom: Causeway\nThe words",
        "________________________________\nFrom: Causeway <notices@causeway.example>",
        "From: Causeway <notices@causeway.example>\nSent: Thursday",
        "> quoted\n> quoted too",
        "-- \nAnn Rivera\nRiverbend",
        "Sent from my iPhone",
        f"-- {MARK}. It becomes a comment on the item; files are not taken. --\nThe words",
        "Am Do., 26. Nov. 2026 um 09:14 Uhr schrieb Causeway <notices@causeway.example>:\n> Worte",
    ],
)
def test_what_stands_below_is_cut_off(below: str) -> None:
    assert cut(f"The window is on Tuesday.\n\nAnn will be there.\n\n{below}") == (
        "The window is on Tuesday.\n\nAnn will be there."
    )


def test_an_answer_below_its_quote_is_kept() -> None:
    assert cut("> Which window?\n\nTuesday at nine.") == "Tuesday at nine."


def test_a_message_of_nothing_but_our_own_is_empty() -> None:
    assert cut(f"-- {MARK}. --\n\nYou were named on #3\nOpen it: https://x") == ""


def test_a_line_that_only_looks_like_a_date_stays() -> None:
    assert cut("On Tuesday we test.\nOn Friday we go live.") == "On Tuesday we test.\nOn Friday we go live."


def test_the_words_of_html_are_read_where_there_is_no_plain_text() -> None:
    message = EmailMessage()
    message.set_content(
        "<html><head><style>p{color:red}</style></head><body><p>Tuesday <b>at nine</b>.</p>"
        '<script>alert(1)</script><div class="gmail_quote"><div>On Thu Ann wrote:</div>'
        "<blockquote>Old words</blockquote></div></body></html>",
        subtype="html",
    )
    assert answer(message).text == "Tuesday at nine."


def test_files_are_named_and_never_read() -> None:
    message = EmailMessage()
    message.set_content("See the file.")
    message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="agreement.pdf")
    message.add_attachment("secret words", filename="notes.txt")
    found = answer(message)
    assert (found.text, found.attachments) == ("See the file.", ("agreement.pdf", "notes.txt"))


def test_a_charset_that_nobody_knows_is_read_as_well_as_can_be() -> None:
    raw = "Content-Type: text/plain; charset=klingon\n\nTuesday at nine."
    assert answer(cast("EmailMessage", message_from_string(raw, policy=policy.default))).text == "Tuesday at nine."


@given(st.text(max_size=400))
def test_any_text_can_be_cut_and_cutting_twice_is_cutting_once(text: str) -> None:
    assert MARK not in cut(text)
    assert cut(cut(text)) == cut(text)


@pytest.mark.parametrize(
    "evil",
    [
        " " * 9_000_000 + "x",
        "on\n" + "wrote " * 1_000_000,
        "x\n" * 4_000_000,
        "-- original" * 500_000,
    ],
    ids=["blanks", "wrote", "lines", "original"],
)
def test_a_message_made_to_be_slow_is_looked_at_as_far_as_a_person_writes(evil: str) -> None:
    """By the rules alone each of these takes hours, and nothing else is received meanwhile."""
    begun = time.process_time()
    cut(evil)
    message = EmailMessage()
    message.set_content("<blockquote>" * 700_000 + "<a " * 200_000, subtype="html")
    answer(message)
    assert time.process_time() - begun < 30


@pytest.mark.parametrize(
    "head",
    [
        "From: " + "(a)" * 8000,
        "From: ann@host.example,\r\n" + " (a),\r\n" * 3000,
        "Content-Type: text/plain; " + "a=(b);" * 4000,
        "Message-ID: <" + "a." * 8000 + ">",
        "\r\n".join(["Content-Type: multipart/mixed; boundary=a", "", *(["--a", "Content-Type: text/plain", "", "x"] * 400)]),
    ],
    ids=["from", "folded", "kind", "id", "parts"],
)  # fmt: skip
def test_headers_that_take_seconds_to_take_apart_are_not_read(head: str) -> None:
    with pytest.raises(Unreadable):
        opened(head.encode() + b"\r\n\r\nTuesday at nine.")


def test_many_recipients_and_a_long_way_are_no_reason_to_refuse() -> None:
    to = ", ".join(f"person{number}@host.example" for number in range(200))
    raw = f"From: ann@host.example\nTo: {to}\nReferences: {'<a@b> ' * 400}\n\nTuesday at nine."
    assert answer(opened(raw.encode())).text == "Tuesday at nine."
