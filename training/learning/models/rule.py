"""Who takes which course, and by when: data, not code."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Q

from audit.actor import Actor
from audit.models.event import record
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Site, TenantModel
from training.courses.models import Course
from training.learning import audit
from training.learning.models.learner import LearnerProfile
from training.learning.models.rollout import Rollout
from training.learning.roles import CHOICES, TITLES


class RuleQuerySet(TenantQuerySet["AssignmentRule"]):
    """Named filters over rules."""

    def in_force(self) -> "RuleQuerySet":
        """Rules that assign to joiners and new deployments."""
        return self.filter(ended_on=None)


class AssignmentRule(TenantModel):
    """Job role × sites × course at every deployment it names, with a due date counted from one of three days.

    A rule that counts from a release touches a deployment only once a release is announced there: a delta module.
    """

    class Anchor(models.TextChoices):
        """The day a due date is counted from."""

        GO_LIVE = "go-live", "Go-live of the deployment"
        HIRE = "hire", "Start of the learner"
        RELEASE = "release", "Release of a tool version"

    course: Any = TenantForeignKey(Course, on_delete=models.PROTECT, related_name="rules")
    job_role = models.CharField(max_length=24, choices=CHOICES)
    sites = ArrayField(models.UUIDField(), default=list, blank=True, help_text="Empty: every site")
    tool = models.CharField(max_length=160, blank=True, help_text="Only deployments of this tool; empty: of any")
    tool_version = models.CharField(max_length=40, blank=True, help_text="Only this version; empty: any")
    deployment_id = models.UUIDField(null=True, help_text="Only this deployment; empty: every one that fits")
    anchor = models.CharField(max_length=8, choices=Anchor.choices, default=Anchor.GO_LIVE)
    offset_days = models.SmallIntegerField(default=-7, help_text="Calendar days after the anchor; negative: before")
    window_days = models.PositiveSmallIntegerField(
        null=True, help_text="Learning opens so many days before the anchor; empty: at once"
    )
    required = models.BooleanField(default=True, help_text="Counts for coverage, and so for the gates")
    ended_on = models.DateField(null=True)

    objects = TenantManager.from_queryset(RuleQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(job_role__in=list(TITLES)), name="rule_job_role"),
            models.CheckConstraint(condition=Q(anchor__in=["go-live", "hire", "release"]), name="rule_anchor"),
            models.CheckConstraint(condition=Q(offset_days__range=(-365, 365)), name="rule_offset"),
            models.CheckConstraint(condition=Q(window_days=None) | Q(window_days__lte=365), name="rule_window"),
            models.UniqueConstraint(
                fields=["organization", "course", "job_role", "sites", "tool", "tool_version", "deployment_id"],
                condition=Q(ended_on=None),
                nulls_distinct=False,
                name="rule_once_in_force",
            ),
        ]

    @classmethod
    @transaction.atomic
    def set(
        cls,
        course: Course,
        *,
        job_role: str,
        by: Actor,
        sites: list[Site] | None = None,
        tool: str = "",
        tool_version: str = "",
        deployment_id: UUID | None = None,
        anchor: str = Anchor.GO_LIVE,
        offset_days: int = -7,
        window_days: int | None = None,
        required: bool = True,
    ) -> "AssignmentRule":
        """Set a rule, or give the standing one about the same people another due date; raise ValidationError naming the field.

        Nobody is assigned yet: `training.learning.actions.apply_rules` does that, after its preview was seen.
        """
        wanted = {
            "sites": sorted((site.pk for site in sites or []), key=str),
            "tool": tool,
            "tool_version": tool_version,
            "deployment_id": deployment_id,
        }
        standing = (
            cls.objects.in_force().select_for_update(no_key=True).filter(course=course, job_role=job_role, **wanted)
        ).first()
        rule = standing or cls(course=course, job_role=job_role, **wanted)
        due = (str(anchor), offset_days, window_days, required)
        if standing and (standing.anchor, standing.offset_days, standing.window_days, standing.required) == due:
            return standing
        rule.anchor, rule.offset_days, rule.window_days, rule.required = due
        rule.clean_fields(exclude=["organization", "course", "deployment_id", "window_days", "ended_on"])
        if not -365 <= offset_days <= 365:
            raise ValueError(f"A due date lies at most 365 days from its anchor, not {offset_days}.")
        if window_days is not None and not max(0, -offset_days) <= window_days <= 365:
            raise ValueError("Learning opens before it is due: give the window more days than the due date.")
        rule.save()
        record(audit.RULE_SET, by=by, subject=rule, job_role=job_role, course=course.key, offset_days=offset_days)
        return rule

    @transaction.atomic
    def end(self, on: date, *, by: Actor) -> None:
        """Stop assigning by this rule; what is assigned stays."""
        rule = self.locked(self.pk)
        if rule.ended_on:
            return
        rule.ended_on = self.ended_on = on
        rule.save(update_fields=["ended_on"])
        record(audit.RULE_ENDED, by=by, subject=rule, job_role=rule.job_role, course=rule.course.key)

    def fits(self, rollout: Rollout) -> bool:
        """Whether a deployment is one that this rule is about."""
        return (
            (not self.sites or rollout.site_id in self.sites)
            and (not self.tool or rollout.title == self.tool)
            and (not self.tool_version or self.tool_version in rollout.versions)
            and (self.deployment_id is None or rollout.pk == self.deployment_id)
            and (self.anchor != self.Anchor.RELEASE or rollout.release_on is not None)
        )

    def due(self, rollout: Rollout, learner: LearnerProfile) -> date | None:
        """Return when it is due for that learner; somebody who starts after go-live counts from their start."""
        anchor = self._anchored(rollout, learner)
        return max(anchor + timedelta(days=self.offset_days), learner.started_on) if anchor else None

    def opens(self, rollout: Rollout, learner: LearnerProfile) -> date | None:
        """Return the day from which that learner may begin; None: at once."""
        anchor = self._anchored(rollout, learner)
        return anchor - timedelta(days=self.window_days) if anchor and self.window_days is not None else None

    def _anchored(self, rollout: Rollout, learner: LearnerProfile) -> date | None:
        return {
            self.Anchor.GO_LIVE: rollout.go_live_on,
            self.Anchor.HIRE: learner.started_on,
            self.Anchor.RELEASE: rollout.release_on,
        }[self.Anchor(self.anchor)]

    @property
    def due_words(self) -> str:
        """The due rule as a sentence part: "7 days before go-live"."""
        anchor = {"go-live": "go-live", "hire": "the learner starts", "release": "the release"}[self.anchor]
        if self.offset_days == 0:
            return "the day the learner starts" if self.anchor == self.Anchor.HIRE else f"the day of {anchor}"
        days = abs(self.offset_days)
        return f"{days} day{'' if days == 1 else 's'} {'after' if self.offset_days > 0 else 'before'} {anchor}"
