"""What was published of all organizations: quartiles, and of no organization anything."""

from django.db import models
from django.utils import timezone

from onboarding.metrics.likeness import in_words
from onboarding.metrics.models.figures import MEASURES


class PeerRelease(models.Model):
    """Global: the quartiles of one stage and measure over one group of tools, in weeks. It names no organization and no exact number of them."""

    among = models.CharField(
        max_length=16, blank=True, default="", db_default="", help_text="Of which tools (likeness)"
    )
    stage = models.PositiveSmallIntegerField()
    measure = models.CharField(max_length=8, choices=MEASURES)
    number = models.PositiveIntegerField(default=1, help_text="Rises with each release")
    lower = models.PositiveSmallIntegerField(help_text="Weeks")
    middle = models.PositiveSmallIntegerField(help_text="Weeks")
    upper = models.PositiveSmallIntegerField(help_text="Weeks")
    shown = models.BooleanField(default=True, help_text="No longer, once fewer than five organizations stand behind it")
    released_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["among", "stage", "measure"], name="peer_release_once")]

    def __str__(self) -> str:
        return f"{self.measure} of stage {self.stage}"

    @property
    def says(self) -> str:
        """Whom it compares with, in words."""
        return in_words(self.among)
