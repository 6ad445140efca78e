"""People join and leave: joiners get their courses at once, leavers leave the denominator."""

from datetime import date

from django.db import transaction

from accounts.models import User
from audit.actor import Actor
from tenancy.models import Site
from training.learning.actions.apply_rules import apply_to_learner
from training.learning.facts import state_training
from training.learning.models import LearnerProfile, PlannedEnrollment


@transaction.atomic
def enroll(user: User, *, job_role: str, site: Site, started_on: date, by: Actor) -> LearnerProfile:
    """Enroll a person in a job role at a site and assign what the rules in force ask of them; again changes nothing."""
    learner = LearnerProfile.enroll(user, job_role=job_role, site=site, started_on=started_on, by=by)
    apply_to_learner(learner, by=by)
    return learner


@transaction.atomic
def enroll_joined(user: User, *, by: Actor) -> int:
    """Enroll somebody who has just become a member as it was planned when they were invited; return how often."""
    planned = list(PlannedEnrollment.objects.waiting().filter(email=user.email.lower()))
    for plan in planned:
        enroll(user, job_role=plan.job_role, site=plan.site, started_on=plan.started_on, by=by)
        plan.done()
    return len(planned)


@transaction.atomic
def leave(learner: LearnerProfile, on: date, *, by: Actor) -> None:
    """Record that a learner leaves on that day and state the coverage anew."""
    if learner.leave(on, by=by):
        state_training(set(learner.assignments.filter(withdrawn_at=None).values_list("deployment_id", flat=True)))
