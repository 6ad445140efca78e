"""One recorded difference of a site from its playbook, with the fields of FRAME (Wiltsey Stirman et al. 2019).

Three of them are asked for; the others are derived from what was done and can be changed on the same page.
"""

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.adaptations import audit
from onboarding.deployments.models import Deployment, Item
from onboarding.playbooks.models import PlaybookDraft
from tenancy.fields import TenantForeignKey
from tenancy.models import TenantModel


class CannotMove(Exception):
    """The adaptation's state does not allow this; the message says what would."""


class Adaptation(TenantModel):
    """What was changed, dropped or added at a site, why, and whether the core stays."""

    class Kind(models.TextChoices):
        """What was done."""

        CHANGED = "changed", "Changed"
        DROPPED = "dropped", "Dropped"
        ADDED = "added", "Added"

    class Reason(models.TextChoices):
        """Where the reason lies."""

        SOCIOPOLITICAL = "sociopolitical", "Law, policy or society"
        ORGANIZATION = "organization", "Our organization or setting"
        PROVIDER = "provider", "The people who deliver it"
        RECIPIENT = "recipient", "The people who receive it"

    class Goal(models.TextChoices):
        """What it is to improve."""

        FIT = "fit", "Fit with our people"
        REACH = "reach", "Reach more people"
        RETENTION = "retention", "Keep people in care"
        FEASIBILITY = "feasibility", "Make it doable"
        OUTCOMES = "outcomes", "Better outcomes"
        COST = "cost", "Less cost"
        EQUITY = "equity", "Fewer people left out"

    class Fidelity(models.TextChoices):
        """Whether what makes it work stays."""

        CONSISTENT = "consistent", "The core stays"
        INCONSISTENT = "inconsistent", "The core changes"
        UNKNOWN = "unknown", "Not sure"

    class Phase(models.TextChoices):
        """When."""

        PRE_IMPLEMENTATION = "pre_implementation", "Before go-live"
        IMPLEMENTATION = "implementation", "From go-live on"
        SCALE_UP = "scale_up", "Scaling up"
        SUSTAINMENT = "sustainment", "Lasting use"

    class Planned(models.TextChoices):
        """Whether it was planned."""

        PROACTIVE = "planned_proactive", "Planned ahead"
        REACTIVE = "planned_reactive", "Planned when a problem showed"
        UNPLANNED = "unplanned", "Not planned"

    class What(models.TextChoices):
        """What was modified."""

        CONTENT = "content", "Content"
        CONTEXT = "context", "Context: who, where, when"
        TRAINING = "training_evaluation", "Training and evaluation"
        IMPLEMENTATION = "implementation", "Implementation activities"

    class Level(models.TextChoices):
        """For whom."""

        INDIVIDUAL = "individual", "Single persons"
        GROUP = "group", "A group"
        CLINIC = "clinic", "This site"
        ORGANIZATION = "organization", "The organization"
        NETWORK = "network", "A network of organizations"

    class Nature(models.TextChoices):
        """In what way."""

        TAILORING = "tailoring", "Worded or refined"
        SUBSTITUTING = "substituting", "Replaced by something else"
        REMOVING = "removing", "Left out"
        ADDING = "adding", "Added"
        LOOSENING = "loosening", "Made less strict"
        TIGHTENING = "tightening", "Made stricter"

    class Duration(models.TextChoices):
        """For how long."""

        TRANSIENT = "transient", "For a while"
        LASTING = "lasting", "For good"

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
        """Propose it to the playbook's author."""
        found = self._move(self.State.OFFERED)
        if found:
            found._say(audit.ADAPTATION_OFFERED, by)

    @transaction.atomic
    def decline(self, *, by: Actor) -> None:
        """Leave it to the site alone."""
        found = self._move(self.State.DECLINED)
        if found:
            found._say(audit.ADAPTATION_DECLINED, by)

    @transaction.atomic
    def taken_into(self, draft: PlaybookDraft, *, by: Actor) -> None:
        """Note the draft that holds it now; `take` writes the draft and calls this."""
        found = self._move(self.State.TAKEN)
        if found:
            found.draft = draft
            found.save(update_fields=["draft"])
            found._say(audit.ADAPTATION_TAKEN, by, draft=str(draft))

    def _move(self, state: str) -> "Adaptation | None":
        found: Adaptation = self.locked(self.pk)
        if found.state == state:
            return None
        if state not in self.MOVES[found.state]:
            raise CannotMove(
                f"The change is {found.get_state_display().lower()}: it cannot become {self.State(state).label.lower()}."
            )
        found.state = state
        found.save(update_fields=["state"])
        return found

    def _say(self, action: Any, by: Actor, **data: Any) -> None:
        record(action, by=by, subject=self, number=self.item.number, title=self.item.title, **data)
