"""What a Prometheus server reads: the engine's numbers of the whole platform, none of them about an organization by name."""

import hmac
from collections.abc import Iterator

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from config import request_metrics
from notices import watch

HELP = {
    "reminders_due": "Reminders that are due and not yet sent, up to 50,000",
    "queue_age_seconds": "How long the oldest due reminder has waited",
    "reminders_failed": "Reminders that could not be delivered",
    "jobs_failed": "Jobs that were given up",
    "reactions_failing": "Follow-ups of events that failed and are tried again",
    "relay_lag_seconds": "Age of the oldest event that the relay has not read",
}


class Engine(Collector):
    """Reads the numbers that the workers left when it is asked; the same in every web process."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield one gauge for each number, and the moment of each turn's last success."""
        values = watch.readings()
        for name, text in HELP.items():
            if name in values:
                yield GaugeMetricFamily(f"causeway_{name}", text, value=values[name])
        last = GaugeMetricFamily(
            "causeway_last_success_timestamp_seconds", "When a turn of the engine last went well", labels=["turn"]
        )
        for turn, at in watch.moved().items():
            if at is not None:
                last.add_metric([turn], at.timestamp())
        yield last
        alerts = GaugeMetricFamily("causeway_alert", "1 for what an operator has to look after", labels=["alert"])
        for alert in watch.alerts():
            alerts.add_metric([alert.name], 1)
        yield alerts


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer in Prometheus' text format whoever brings METRICS_TOKEN as a bearer token; to anybody else there is no such page."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    token = settings.METRICS_TOKEN
    if not token or not hmac.compare_digest(given.encode(), token.encode()):
        raise Http404
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Engine())
    request_metrics.add_to(registry)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
