"""What the workers last saw of the engine, as numbers of the whole platform: web processes cannot look over all tenants."""

from collections.abc import Mapping

from django.db import connection, models
from django.utils import timezone


class Reading(models.Model):
    """One number by name. Global: it says nothing of any organization."""

    name = models.CharField(max_length=40, primary_key=True)
    value = models.FloatField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.value:g}"

    @classmethod
    def note(cls, values: Mapping[str, float]) -> None:
        """Write these numbers down as of now."""
        rows = [(name, value, timezone.now()) for name, value in sorted(values.items())]
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into notices_reading (name, value, at) values (%s, %s, %s)"
                " on conflict (name) do update set value = excluded.value, at = excluded.at",
                rows,
            )
