"""A site that the tool left cleanly: its funding ended, every step was done, three certificates stand."""

from datetime import date, timedelta

from django.utils import timezone

from config.demo.cast import Cast
from config.demo.clock import at, days_ago
from onboarding.decommission.models import Certificate, Decommission, DecommissionStep
from onboarding.decommission.steps import BY_KEY
from onboarding.deployments.models import Deployment
from onboarding.golive.models.signature import Proof

CITY = "Roxboro"
BEGAN, LAST_DAY, ENDED = 95, 60, 27
"""Days ago on which it began, on which the tool was used for the last time, and on which it was over."""
DONE: dict[str, tuple[int, str]] = {
    "patients-notified": (-32, "23 families told, 19 in person, 4 by letter in Spanish; each has a next visit in the clinic's own group."),
    "data-returned": (-6, "41 files in FHIR and CSV, opened and counted: 23 records, as the tool counts."),
    "integration-off": (0, "Client id, order set and two firewall rules withdrawn; the interface was silent for a day."),
    "access-revoked": (1, "14 accounts and one token; two leavers tried to sign in and could not."),
    "knowledge-kept": (12, "The group format is kept. Evening sessions reached twice as many fathers: start with them."),
    "data-destroyed": (29, "Vendor and one subprocessor confirmed, backups included, with their own certificates."),
    "contract-ended": (31, "Notice confirmed, last statement settled, the data agreement filed for six years."),
}  # fmt: skip
"""Days from the last day on which each step was done, and what was done."""


def tell(cast: Cast, today: date) -> None:
    """Begin the end, do its steps in their order, and let a second person complete it."""
    deployment = Deployment.objects.get(site__city=CITY)
    sponsor, second = cast.actor_for("EXS"), cast.actor_for("CSO")
    last_day = days_ago(today, LAST_DAY)
    with at(days_ago(today, BEGAN), 10):
        made = Decommission.begin(
            deployment, cause="funding", last_day=last_day, by=sponsor,
            reason="The three-year grant ends and the county does not take it over; families move to the clinic's own group.",
        )  # fmt: skip
    for key, (days, note) in DONE.items():
        step = DecommissionStep.objects.get(decommission=made, key=key)
        with at(last_day + timedelta(days=days), 14):
            if not BY_KEY[key].certificate:
                step.finish(by=cast.actor_for(BY_KEY[key].owner), note=note)
                continue
            proof = Proof.given(sponsor, timezone.now() - timedelta(minutes=1))
            Certificate.sign(step, how=note, printed_name=sponsor.name, by=sponsor, proof=proof)
    with at(days_ago(today, ENDED), 11):
        made.complete(by=second)
