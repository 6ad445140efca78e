"""Somebody changes their job role or site: one profile ends, the next begins, on the same day."""

from datetime import date

from django.db import transaction

from audit.actor import Actor
from tenancy.models import Site
from training.learning.actions.enroll import enroll, leave
from training.learning.models import LearnerProfile


@transaction.atomic
def move_learner(learner: LearnerProfile, *, job_role: str, site: Site, on: date, by: Actor) -> LearnerProfile:
    """End the profile on that day and begin the next; the rules ask at once what the new role needs.

    What was passed counts on: a completion is the person's. Raises ValueError where nothing would change, for an
    unknown job role, and for a day before the learner started.
    """
    if (job_role, site.pk) == (learner.job_role, learner.site_id):
        raise ValueError(f"They are {learner.role_title} at {site.name} already: choose another role or site.")
    leave(learner, on, by=by)
    return enroll(learner.user, job_role=job_role, site=site, started_on=on, by=by)
