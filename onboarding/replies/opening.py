"""Opens a message that anybody may have sent: its headers are read by rules that grow with the square of their length."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import Any

LONGEST_HEADER = 1000
"""Characters of a header that is taken apart. People's senders and kinds of content are shorter; 24,000 take seconds."""
MOST_PARTS = 300
"""Headers that begin with Content- in a message: three of them to a part."""
TAKEN_APART = ("from", "message-id", "auto-submitted", "precedence")


class Unreadable(ValueError):
    """A message that no person's mail program wrote; the message says why."""


class _Short(EmailPolicy):
    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, Any]:
        name = sourcelines[0].partition(":")[0].strip().casefold()
        if sum(map(len, sourcelines)) > LONGEST_HEADER and (name in TAKEN_APART or name.startswith("content-")):
            raise Unreadable(f"The header {name[:40]} is longer than any that a person's mail program writes.")
        return super().header_source_parse(sourcelines)


def opened(content: bytes) -> EmailMessage:
    """Return the message; raise Unreadable for one that would take longer to read than a person's does."""
    if content.lower().count(b"\ncontent-") > MOST_PARTS:
        raise Unreadable("It has more parts than a person's message.")
    message = message_from_bytes(content, policy=_Short())
    assert isinstance(message, EmailMessage)
    return message
