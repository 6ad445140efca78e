"""What arrives at the one domain: answers of people, and reports about our own mail."""

from notices import returns
from onboarding.replies import taking


def knows(address: str) -> None:
    """Raise Refused for an address that takes no mail."""
    if not returns.is_ours(address):
        taking.knows(address)


def take(recipient: str, sender: str, content: bytes) -> str:
    """Take a message for one recipient; return the answer, or raise Refused."""
    if returns.is_ours(recipient):
        return returns.take(recipient, content)
    return taking.take(recipient, sender, content)
