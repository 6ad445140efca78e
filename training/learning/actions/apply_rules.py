"""Turn assignment rules into assignments: previewed first, then applied."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from audit.actor import Actor
from audit.models.event import record
from training.learning import audit
from training.learning.calendar import organization_today
from training.learning.facts import state_training
from training.learning.models import Assignment, AssignmentRule, LearnerProfile, Rollout
from training.learning.notices import plan_due


@dataclass(frozen=True, slots=True)
class Touch:
    """What a rule does to one learner at one deployment."""

    rule: AssignmentRule
    learner: LearnerProfile
    rollout: Rollout
    due_on: date | None
    opens_on: date | None
    standing: Assignment | None

    @property
    def does(self) -> str:
        """new, moves, or nothing."""
        if self.standing is None:
            return "new"
        there = (self.standing.due_on, self.standing.opens_on)
        moves = self.standing.rule_id == self.rule.pk and there != (self.due_on, self.opens_on)
        return "moves" if moves and self.standing.cycle == 1 else "nothing"


def preview(rule: AssignmentRule) -> list[Touch]:
    """Return whom the rule touches now, without writing anything; the rule may be unsaved."""
    return _touches([rule], LearnerProfile.objects.not_left(organization_today()).filter(job_role=rule.job_role))


@transaction.atomic
def apply_rule(rule: AssignmentRule, *, by: Actor) -> list[Touch]:
    """Assign what the rule asks for and move what it moved; return what was done."""
    return _apply(preview(rule), by)


@transaction.atomic
def apply_to_learner(learner: LearnerProfile, *, by: Actor) -> list[Touch]:
    """Assign everything that the rules in force ask of one learner."""
    rules = AssignmentRule.objects.in_force().filter(job_role=learner.job_role).select_related("course")
    return _apply(_touches(rules, LearnerProfile.objects.for_page().filter(pk=learner.pk)), by)


@transaction.atomic
def apply_to_rollout(rollout: Rollout, *, by: Actor) -> list[Touch]:
    """Assign everything that the rules in force ask for at one deployment."""
    return _apply(preview_rollout(rollout), by)


def preview_rollout(rollout: Rollout) -> list[Touch]:
    """Return whom the rules in force touch at one deployment, as it is given: it may be unsaved."""
    rules = list(AssignmentRule.objects.in_force().select_related("course"))
    learners = LearnerProfile.objects.not_left(organization_today()).filter(site_id=rollout.site_id)
    return _touches(rules, learners, [rollout])


@transaction.atomic
def move_due_dates(rollout: Rollout, go_live_on: date, *, by: Actor) -> int:
    """Move every open due date that hangs on this deployment's go-live; return how many moved."""
    rollout = Rollout.locked(rollout.pk)
    if rollout.go_live_on == go_live_on:
        return 0
    rollout.go_live_on = go_live_on
    rollout.save(update_fields=["go_live_on"])
    hanging = Assignment.objects.of_deployment(rollout.pk).filter(
        withdrawn_at=None, cycle=1, rule__anchor=AssignmentRule.Anchor.GO_LIVE, completions__isnull=True
    )
    moved = [
        assignment
        for assignment in hanging.select_related("rule", "learner", "course").order_by("id")
        if assignment.move(
            assignment.rule.due(rollout, assignment.learner),
            opens_on=assignment.rule.opens(rollout, assignment.learner),
            by=by,
        )
    ]
    plan_due(moved, by=by)
    record(
        audit.ROLLOUT_MOVED,
        by=by,
        subject=rollout,
        deployment_id=rollout.pk,
        title=rollout.title,
        go_live_on=go_live_on.isoformat(),
        moved=len(moved),
    )
    return len(moved)


def _touches(
    rules: Iterable[AssignmentRule], learners: Iterable[LearnerProfile], only: list[Rollout] | None = None
) -> list[Touch]:
    rollouts = list(Rollout.objects.running().for_page()) if only is None else only
    people = list(learners)
    standing = {
        (row.learner_id, row.course_id, row.deployment_id): row
        for row in Assignment.objects.filter(withdrawn_at=None, learner__in=[person.pk for person in people])
    }
    return [
        Touch(
            rule,
            person,
            rollout,
            rule.due(rollout, person),
            rule.opens(rollout, person),
            standing.get((person.pk, rule.course_id, rollout.pk)),
        )
        for rule in rules
        for rollout in rollouts
        if rule.fits(rollout)
        for person in people
        if person.job_role == rule.job_role and person.site_id == rollout.site_id
    ]


def _apply(touches: list[Touch], by: Actor) -> list[Touch]:
    done = [touch for touch in touches if touch.does != "nothing"]
    changed = []
    for touch in done:
        if touch.standing is None:
            assigned = Assignment.assign(
                touch.learner,
                touch.rule.course,
                by=by,
                due_on=touch.due_on,
                opens_on=touch.opens_on,
                deployment_id=touch.rollout.pk,
                rule=touch.rule,
                required=touch.rule.required,
            )
            changed.append(assigned)
        else:
            touch.standing.move(touch.due_on, opens_on=touch.opens_on, by=by)
            changed.append(touch.standing)
    plan_due(changed, by=by)
    state_training({touch.rollout.pk for touch in done})
    return done
