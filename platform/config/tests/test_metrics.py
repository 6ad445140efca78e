"""What Prometheus reads."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client
from django.utils import timezone
from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.parser import text_string_to_metric_families

from audit.models import Cursor
from config.metrics import HELP
from notices.models import Reading
from testing.cast import World

TOKEN = "of-the-scraper"
WATCHED = {
    "sweep_late", "seal_late", "queue_late", "relay_late", "reminders_failed", "jobs_failed", "reactions_failing",
    "months_short", "backup_late",
}  # fmt: skip


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


def scraped() -> dict[tuple[Any, ...], float]:
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def test_each_request_is_counted_and_timed_by_view_and_status(db: None, settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    asked = [
        ("causeway_requests_total", ("method", "GET"), ("status", status), ("view", view))
        for view, status in (("livez", "200"), ("account_login", "200"), ("-", "404"))
    ]
    before = scraped()
    client = Client()
    for path in ("/livez", "/accounts/login/", "/no/such/page"):
        client.get(path)
    client.generic("BREW", "/livez")
    after = scraped()
    assert [after.get(name, 0) - before.get(name, 0) for name in asked] == [1, 1, 1]
    brewed = ("causeway_requests_total", ("method", "other"), ("status", "405"), ("view", "livez"))
    assert after.get(brewed, 0) - before.get(brewed, 0) == 1
    ten = ("causeway_request_seconds_bucket", ("le", "+Inf"), ("status", "200"), ("view", "livez"))
    assert after[ten] - before.get(ten, 0) == 1
    labels = {name for sample in after for name, _ in sample[1:] if sample[0].startswith("causeway_request")}
    assert labels == {"view", "method", "status", "le"}


PROCESS = """
import sys
from django.conf import settings
settings.configure(METRICS_FOLDER=sys.argv[1], METRICS_TOKEN="of-the-scraper")
from config.request_metrics import DURATION, REQUESTS
for _ in range(3):
    REQUESTS.labels("home", "GET", "200").inc()
    DURATION.labels("home", "200").observe(0.03)
print("counted", flush=True)
sys.stdin.read()
"""


def test_several_processes_count_together_and_a_new_one_goes_on_where_one_ended(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

    def counting() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", PROCESS, str(tmp_path)]
        started = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        assert started.stdout is not None
        assert started.stdout.readline() == b"counted\n"
        return started

    together = [counting(), counting()]
    for one in together:
        one.communicate()
    counting().communicate()
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(tmp_path))  # type: ignore[no-untyped-call]
    labels = {"view": "home", "status": "200"}
    assert registry.get_sample_value("causeway_requests_total", {**labels, "method": "GET"}) == 9
    assert registry.get_sample_value("causeway_request_seconds_count", labels) == 9
    assert registry.get_sample_value("causeway_request_seconds_bucket", {**labels, "le": "0.025"}) == 0
    assert registry.get_sample_value("causeway_request_seconds_bucket", {**labels, "le": "0.05"}) == 9
    assert sorted(path.name for path in tmp_path.glob("*.db")) == [
        "counter_0.db", "counter_1.db", "histogram_0.db", "histogram_1.db",
    ]  # fmt: skip


def test_every_alert_rule_reads_what_is_there(world: World, settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    Reading.note(dict.fromkeys(HELP, 1.0))
    Cursor.objects.create(name="reminder sweep", moved_at=timezone.now())
    Client().get("/livez")
    known = {name for name, *_ in scraped()} | {"causeway_alert", "up"}
    rules = yaml.safe_load((Path(settings.BASE_DIR) / "docs" / "operations" / "alerts.yaml").read_text())
    named = [rule for group in rules["groups"] for rule in group["rules"]]
    assert len({rule["alert"] for rule in named}) == len(named) > 5
    for rule in named:
        used = set(re.findall(r"\b(?:causeway_\w+|up)\b", rule["expr"]))
        assert used, rule["alert"]
        assert used <= known, (rule["alert"], used - known)
        assert {"summary", "runbook"} <= rule["annotations"].keys()
        assert (Path(settings.BASE_DIR) / "docs" / "operations" / rule["annotations"]["runbook"]).is_file()
    told = set(re.findall(r'alert="(\w+)"', " ".join(rule["expr"] for rule in named)))
    assert told <= WATCHED
