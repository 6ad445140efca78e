"""The demo's audits: one signed off, one with a finding that waits, and an access review half done."""

from datetime import date, timedelta

from assurance.models import AuditPack, Definition, Finding, Run
from audit.actor import Actor
from config.demo.cast import Cast
from config.demo.clock import at, days_ago
from onboarding.deployments.models import Deployment
from tenancy.models import Site

KEPT = [
    ("clinical.champion", "Champion at three sites; uses it every week."),
    ("security.officer", "Reviews each release."),
    ("training.lead", "Runs the training of the next wave."),
    ("prescriber", "Prescribes at Lewistown."),
]


PAPERS = [
    {
        "fact": "paper.state", "control": "business-associate/signed", "op": "eq", "value": "in force", "for_days": 90,
        "says": "Business associate agreement: Agreement signed",
    },
    {
        "any": [
            {"fact": "paper.state", "control": "vendor-assurance/independent-report", "op": "eq", "value": "in force"},
            {"fact": "paper.state", "control": "vendor-assurance/penetration-test", "op": "eq", "value": "in force"},
        ],
        "says": "Somebody from outside has looked at the vendor",
    },
    {"not": {"fact": "training.access_without_training", "op": "gt", "value": 0}},
    {"fact": "team.vacant_roles", "op": "eq", "value": 0, "says": "Team roles without a person"},
]  # fmt: skip


def audit(cast: Cast, today: date) -> None:
    """Schedule what auditors ask for, and tell what became of it so far."""
    owner, auditor = cast.actor("chief.operating.officer"), cast.people["auditor@riverbend.example"]
    looked = cast.actor("auditor")
    with at(days_ago(today, 100), 9):
        billing = Definition.schedule("billing_against_facts", owner=auditor, first_on=days_ago(today, 40), by=owner)
        gates = Definition.schedule("gate_integrity", owner=auditor, first_on=days_ago(today, 12), by=owner)
        access = Definition.schedule(
            "access_review", owner=cast.people["chief.operating.officer@riverbend.example"],
            first_on=days_ago(today, 4), by=owner,
        )  # fmt: skip
        for name in ("evidence_expiry", "training_compliance"):
            Definition.schedule(name, owner=auditor, first_on=today + timedelta(days=11), by=owner)
        Definition.schedule(
            "facts", owner=auditor, first_on=today + timedelta(days=18), by=owner, criteria={"all": PAPERS},
            title="Agreements and people", must_hold="The agreement lasts, outsiders have looked at the vendor, nobody works untrained, no role is vacant.",
        )  # fmt: skip
    with at(days_ago(today, 40), 6):
        done = Run.begin(billing, on=days_ago(today, 40), by=looked, seed="5f1d0c3a9b7e2468")
    with at(days_ago(today, 36), 14):
        done.sign_off(
            statement="Every line that was billed rests on a signed go-live and computes to its amount.", by=looked
        )
    _gates(cast, today, gates, looked)
    with at(days_ago(today, 4), 6):
        review = Run.begin(access, on=days_ago(today, 4), by=looked, seed="c0ffee0123456789")
    with at(today, 6):
        AuditPack.ask(
            since=today - timedelta(days=365), until=today, by=looked,
            deployment_id=Deployment.objects.get(site__city="Lewistown").pk,
        )  # fmt: skip
    for number, (mailbox, reason) in enumerate(KEPT):
        with at(days_ago(today, 3), 10, number):
            line = review.lines.get(title=cast.people[f"{mailbox}@riverbend.example"].name)
            line.decide("keep", reason=reason, by=owner)


def _gates(cast: Cast, today: date, gates: Definition, looked: Actor) -> None:
    with at(days_ago(today, 12), 6):
        run = Run.begin(gates, on=days_ago(today, 12), by=looked, seed="0123456789abcdef")
    bad = [line.pk for line in run.lines.exclude(holds=True)]
    site = Site.objects.get(city="Lewistown")
    with at(days_ago(today, 11), 15):
        Finding.raise_over(
            run,
            "Gates that were passed rest on figures that nobody renewed."
            if bad
            else f"The go/no-go pack of {site.name} was frozen four minutes before the last vote: freeze it after the panel is full.",
            owner=cast.by_role["IM"],
            due_on=today + timedelta(days=6),
            by=looked,
            lines=bad,
        )
