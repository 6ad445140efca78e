"""One organization's adoption of one tool over its sites, in waves."""

from typing import Any

from django.db import models, transaction

from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments import audit
from onboarding.playbooks.models import PlaybookVersion, ToolVersion
from tenancy.fields import TenantForeignKey
from tenancy.models import Partners, TenantModel


class Program(TenantModel):
    """A tool version and a playbook version, to be brought to sites together."""

    partners = Partners.OPEN

    class Tier(models.TextChoices):
        """How much of the playbook applies."""

        FULL = "full", "Full track"
        LIGHT = "light", "Light track"

    title = models.CharField(max_length=120)
    tool_version: Any = TenantForeignKey(ToolVersion, on_delete=models.PROTECT, related_name="+")
    playbook_version: Any = TenantForeignKey(PlaybookVersion, on_delete=models.PROTECT, related_name="+")
    tier = models.CharField(max_length=5, choices=Tier.choices, default=Tier.FULL)
    created_at = models.DateTimeField(auto_now_add=True)
    log_number = models.PositiveIntegerField(
        default=0,
        db_default=0,
        help_text="The number given last in its log: who is limited to sites does not see every entry",
    )

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "title"], name="program_title_once")]

    @classmethod
    @transaction.atomic
    def start(
        cls,
        *,
        title: str,
        tool_version: ToolVersion,
        playbook_version: PlaybookVersion,
        by: Actor,
        tier: str = Tier.FULL,
    ) -> "Program":
        """Start a program; raise ValueError for a playbook version that is not published."""
        if playbook_version.published_at is None:
            raise ValueError(f"{playbook_version} is a draft: publish it before a program uses it.")
        program = cls(title=title, tool_version=tool_version, playbook_version=playbook_version, tier=tier)
        program.full_clean(exclude=["organization"], validate_constraints=False)
        program.save(force_insert=True)
        record(audit.PROGRAM_STARTED, by=by, subject=program, title=title)
        return program

    def wave(self, number: int, title: str = "") -> "Wave":
        """Return the wave of that number, made if it is new."""
        standing: Wave | None = Wave.objects.filter(program=self, number=number).first()
        if standing:
            return standing
        wave = Wave(program=self, number=number, title=title or f"Wave {number}")
        wave.save(force_insert=True)
        return wave


class Wave(TenantModel):
    """Sites of a program that go together."""

    partners = Partners.OPEN

    program: Any = TenantForeignKey(Program, on_delete=models.PROTECT, related_name="waves")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "program", "number"], name="wave_number_once")]
