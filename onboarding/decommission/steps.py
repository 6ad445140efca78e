"""What ending a deployment cleanly takes, where its playbook says nothing else (domain.md 3.3, item 102)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: who owns it, when it is due in calendar days from the last day, and what must come before."""

    key: str
    title: str
    owner: str
    offset_days: int
    guidance: str
    after: tuple[str, ...] = ()
    certificate: str = ""
    """What the certificate says, in the words of the one who signs; empty where none is wanted."""


STEPS: tuple[Step, ...] = (
    Step(
        "patients-notified", "Patients are told", "CHM", -30,
        "Every patient in treatment, in person or by message, in their language, each with a next step and a date.",
    ),
    Step(
        "data-returned", "Data are returned", "INT", -7,
        "Get the data back, open them, and count the rows against the tool's own count.",
        certificate="The data of this deployment were returned in a form that was opened, read and counted.",
    ),
    Step(
        "integration-off", "The integration is off", "INT", 0,
        "Client ids, interfaces, order sets, firewall rules and posters. Watch the interface for a day: nothing arrives.",
    ),
    Step(
        "access-revoked", "Access is revoked", "SEC", 0,
        "Accounts of staff and vendor, tokens, keys and shared mailboxes; leavers tried once.",
        certificate="All accounts, tokens and keys of this deployment were revoked, and their use was tried and failed.",
    ),
    Step(
        "data-destroyed", "Data are destroyed", "PRV", 30,
        "At the vendor and each subprocessor, backups included. Only after the returned data were read.",
        after=("data-returned",),
        certificate="The data of this deployment were destroyed at the vendor and its subprocessors, backups included.",
    ),
    Step(
        "contract-ended", "The contract has ended", "LEG", 30,
        "Notice given and confirmed, last statement settled, agreements that outlive it filed with their end.",
    ),
    Step(
        "knowledge-kept", "What the next should know is written down", "IM", 14,
        "One hour of review. A rollout that ended is knowledge for the next.",
    ),
)  # fmt: skip
BY_KEY = {step.key: step for step in STEPS}
