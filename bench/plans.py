"""Operations on plans: previews of moves, and the forecast."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from bench.ground import Ground
from bench.lines import RUNS, Line, client_of, get
from bench.measure import measure
from onboarding.deployments.models import Deployment, Item
from onboarding.plans.actions.compute_forecast import compute_forecast
from onboarding.plans.preview import preview_go_live, preview_item, preview_wave
from tenancy.scope import scope

WAVE = 50


def preview_a_move(ground: Ground) -> Iterator[Line]:
    """What moving go-live, or one item, would do; the forecast of the same deployment."""
    today = timezone.localdate()
    with scope(ground.host.pk):
        deployment = Deployment.objects.for_page().get(pk=ground.deployment.pk)
        items = Item.objects.of_deployment(deployment.pk).count()
        later = deployment.go_live_on + timedelta(days=14)
        cost = measure(lambda number: None, lambda nothing: preview_go_live(deployment, later, today=today), RUNS)
        yield Line(f"preview a move of go-live, {items} items", cost, goal="50 ms")
        first = Item.objects.of_deployment(deployment.pk).open()[0]
        due_on = first.due_on + timedelta(days=30)
        cost = measure(
            lambda number: None, lambda nothing: preview_item(deployment, first.pk, due_on, today=today), RUNS
        )
        yield Line(f"preview a move of the first item, {items} items", cost, goal="50 ms")
        cost = measure(lambda number: None, lambda nothing: compute_forecast(deployment.pk, again=True), RUNS)
        yield Line(f"forecast go-live, {items} items, 400 runs", cost)


def preview_a_wave(ground: Ground) -> Iterator[Line]:
    """What moving the go-live of a whole wave by two weeks would do."""
    today = timezone.localdate()
    with scope(ground.host.pk):
        while Deployment.objects.count() < WAVE:
            ground.plan()
        sites = list(Deployment.objects.for_page().order_by("pk")[:WAVE])
        cost = measure(lambda number: None, lambda nothing: preview_wave(sites, 14, today=today), RUNS)
    yield Line(f"preview a move of a wave, {WAVE} sites", cost, goal="500 ms")
    client = client_of(ground.owner)
    with scope(ground.host.pk):
        wave = ground.program.wave(1)
        Deployment.objects.filter(pk__in=[one.pk for one in sites]).update(wave=wave)
    address = f"/o/{ground.host.slug}/go-lives/move/?wave={wave.pk}&days=14"
    cost = measure(lambda number: None, lambda nothing: get(client, address), RUNS)
    yield Line(f"page of a move of a wave, {WAVE} sites", cost, note="with whom it gives too much")
