"""One recorded difference of a site from its playbook, with the fields of FRAME (Wiltsey Stirman et al. 2019).

Those that only people know are asked for; the others are derived from what was done and can be changed on the same page.
"""

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from audit.vocabulary import Action
from onboarding.adaptations import audit
from onboarding.adaptations.frame import (
    Duration,
    Fidelity,
    Goal,
    Kind,
    Level,
    Nature,
    Phase,
    Planned,
    Reason,
    What,
)
from onboarding.deployments.models import Deployment, Item
from onboarding.playbooks.models import PlaybookDraft
from tenancy.fields import TenantForeignKey
from tenancy.models import TenantModel


class CannotMove(Exception):
    """The adaptation's state does not allow this; the message says what would."""


class Adaptation(TenantModel):
    """What was changed, dropped or added at a site, why, and whether the core stays."""

    class State(models.TextChoices):
        """What became of it beyond the site."""

        RECORDED = "recorded", "Recorded"
        OFFERED = "offered", "Offered"
        TAKEN = "taken", "Taken into a draft"
        DECLINED = "declined", "Declined"

    MOVES: dict[str, set[str]] = {
        State.RECORDED: {State.OFFERED},
        State.OFFERED: {State.TAKEN, State.DECLINED},
        State.TAKEN: set(),
        State.DECLINED: {State.OFFERED},
    }

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="adaptations")
    item: Any = TenantForeignKey(Item, on_delete=models.PROTECT, related_name="adaptations")
    key = models.CharField(max_length=80)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    fields = models.JSONField(default=list, help_text="Each field with its value before and after")
    reason = models.CharField(max_length=16, choices=Reason.choices)
    goal = models.CharField(max_length=12, choices=Goal.choices)
    fidelity = models.CharField(max_length=12, choices=Fidelity.choices)
    phase = models.CharField(max_length=20, choices=Phase.choices)
    planned = models.CharField(max_length=20, choices=Planned.choices)
    what = models.CharField(max_length=20, choices=What.choices)
    level = models.CharField(max_length=12, choices=Level.choices)
    nature = models.CharField(max_length=14, choices=Nature.choices)
    duration = models.CharField(max_length=10, choices=Duration.choices)
    decided_by = ArrayField(models.CharField(max_length=60), default=list, help_text="Roles that took part")
    note = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=9, choices=State.choices, default=State.RECORDED)
    draft: Any = TenantForeignKey(PlaybookDraft, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["changed", "dropped", "added"]), name="adaptation_kind"),
            models.CheckConstraint(
                condition=Q(state__in=["recorded", "offered", "taken", "declined"]), name="adaptation_state"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "key", "at"], name="adaptations_by_item"),
            models.Index(fields=["organization", "deployment", "at"], name="adaptations_by_site"),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.get_kind_display().lower()}"

    @transaction.atomic
    def offer(self, *, by: Actor) -> None:
        """Propose it to the playbook's author in this organization."""
        self._move(self.State.OFFERED, audit.ADAPTATION_OFFERED, by)

    @transaction.atomic
    def decline(self, *, by: Actor) -> None:
        """Leave it to the site alone."""
        self._move(self.State.DECLINED, audit.ADAPTATION_DECLINED, by)

    @transaction.atomic
    def taken_into(self, draft: PlaybookDraft, *, by: Actor) -> bool:
        """Note the draft that holds it now; `take` writes the draft where this returns True."""
        found = self._move(self.State.TAKEN, audit.ADAPTATION_TAKEN, by, draft=str(draft))
        if found:
            found.draft = draft
            found.save(update_fields=["draft"])
        return found is not None

    def _move(self, state: str, action: Action, by: Actor, **data: Any) -> "Adaptation | None":
        found: Adaptation = self.locked(self.pk)
        if found.state == state:
            return None
        if state not in self.MOVES[found.state]:
            raise CannotMove(
                f"The change is {found.get_state_display().lower()}: it cannot become {self.State(state).label.lower()}."
            )
        found.state = state
        found.save(update_fields=["state"])
        record(action, by=by, subject=found, number=found.item.number, title=found.item.title, **data)
        return found
