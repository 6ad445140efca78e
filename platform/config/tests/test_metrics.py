"""What Prometheus reads."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from audit.models import Cursor
from notices.models import Reading
from testing.cast import World

TOKEN = "of-the-scraper"


@pytest.mark.parametrize(("token", "given"), [("", "Bearer "), ("", ""), (TOKEN, ""), (TOKEN, "Bearer other")])
def test_without_the_token_there_is_no_such_page(db: None, settings: Any, token: str, given: str) -> None:
    settings.METRICS_TOKEN = token
    assert Client().get("/metrics", headers={"Authorization": given}).status_code == 404


def test_the_engines_numbers_are_there_and_no_organization_is(world: World, settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    at = timezone.now().replace(microsecond=0)
    Reading.note({"reminders_due": 7, "queue_age_seconds": 12.5, "reminders_failed": 2})
    Cursor.objects.create(name="reminder sweep", moved_at=at)
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    samples = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }
    assert samples[("causeway_reminders_due",)] == 7
    assert samples[("causeway_queue_age_seconds",)] == 12.5
    assert samples[("causeway_last_success_timestamp_seconds", ("turn", "sweep"))] == at.timestamp()
    assert samples[("causeway_alert", ("alert", "reminders_failed"))] == 1
    assert "host" not in answer.content.decode().lower()
    assert "no-store" in answer["Cache-Control"]
