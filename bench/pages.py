"""What the largest pages and lists cost, and whether they grow with what stands beside them."""

import gc
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from api.pagination import encode
from bench.ground import Ground
from bench.lines import RUNS, Line, client_of, fetch, get, slope
from bench.measure import measure
from onboarding.deployments.models import Deployment, Item
from onboarding.deployments.web.views.portfolio import PAGE
from tenancy.scope import scope

LIMIT = 50
SITES = 200


def checklist_page(ground: Ground) -> Iterator[Line]:
    """The whole checklist as its owner sees it."""
    address = f"/o/{ground.host.slug}/deployments/{ground.deployment.pk}/"
    client = client_of(ground.owner)
    cost = measure(lambda number: None, lambda nothing: get(client, address), RUNS)
    with scope(ground.host.pk):
        items = Item.objects.of_deployment(ground.deployment.pk).count()
        raw = measure(
            lambda number: None,
            lambda nothing: fetch(
                "select * from deployments_item where deployment_id = %s order by number", [ground.deployment.pk]
            ),
            RUNS,
        )
    yield Line(f"checklist page, {items} items", cost, raw, goal="12 SQL, 10 ms", note="raw: its rows")


def portfolio_page(ground: Ground) -> Iterator[Line]:
    """The funder's first page and one far behind it."""
    client = client_of(ground.officer)
    address = f"/o/{ground.funder.slug}/portfolio/"
    with scope(ground.funder.pk):
        ((rows,),) = fetch("select count(*) from deployments_portfoliorow", [])
        raw = measure(
            lambda number: None,
            lambda nothing: fetch(
                "select * from deployments_portfoliorow where state in ('onboarding', 'rolled_back')"
                " order by host_name, go_live_on, id limit %s",
                [PAGE + 1],
            ),
            RUNS,
        )
    cost = measure(lambda number: None, lambda nothing: get(client, address), RUNS)
    yield Line(
        f"portfolio page, {PAGE} of {rows:,} deployments", cost, raw, goal="8 SQL, 25 ms, slope 0.05",
        note=f"raw: its {PAGE + 1} rows",
    )  # fmt: skip


def api_list(ground: Ground) -> Iterator[Line]:
    """Fifty items, then fifty events of the organization's log: the first page, and one nine tenths down."""
    client = client_of(ground.owner)
    base = f"/o/{ground.host.slug}/api/v1"
    items = f"{base}/deployments/{ground.deployment.pk}/items?limit={LIMIT}"
    yield Line(
        f"API list, {LIMIT} items", measure(lambda number: None, lambda nothing: get(client, items), RUNS),
        goal="6 SQL, 6 ms",
    )  # fmt: skip
    with scope(ground.host.pk):
        ((events,),) = fetch("select count(*) from audit_event", [])
        [place] = fetch(
            "select xact::text::bigint, id from audit_event order by xact, id offset %s limit 1",
            [max(0, events * 9 // 10 - 1)],
        )
    first = f"{base}/events?limit={LIMIT}"
    near = measure(lambda number: None, lambda nothing: get(client, first), RUNS)
    far = measure(lambda number: None, lambda nothing: get(client, f"{first}&cursor={encode(list(place))}"), RUNS)
    yield Line(f"API list, {LIMIT} of {events:,} events", near, goal="6 SQL, 6 ms, slope 0.05")
    behind = max(2, events * 9 // 10)
    yield Line(f"API list, {LIMIT} behind {behind:,} events", far, slope=slope(near, far, behind / LIMIT),
               goal="6 SQL, 6 ms, slope 0.05")  # fmt: skip


def log_page(ground: Ground) -> Iterator[Line]:
    """The event log with each of its filters, each where its index has most to pass over; the last seals and checks too."""
    client, base = client_of(ground.owner), f"/o/{ground.host.slug}/admin/audit/"
    with scope(ground.host.pk):
        ((events,),) = fetch("select count(*) from audit_event", [])
        [(newest, first)] = fetch("select max(at)::date, min(at)::date from audit_event", [])
        [(subject, deployment)] = fetch(
            "select subject_id, deployment_id from audit_event where deployment_id is not null order by id desc limit 1",
            [],
        )
        [(middle,)] = fetch("select id from audit_event order by id offset %s limit 1", [events // 2])
    nobody = "00000000-0000-7000-8000-000000000000"
    for name, asked in (
        ("no filter", ""),
        ("half way down", f"after={middle}"),
        ("a frequent action", "action=item.completed"),
        ("a rare action", "action=organization.created"),
        ("an action that never was", "action=reminder.resent"),
        ("a person", f"who={ground.owner.pk}"),
        ("a person who did nothing", f"who={nobody}"),
        ("an object", f"object={subject}"),
        ("a deployment", f"deployment={deployment}"),
        ("a day", f"since={newest}&until={newest}"),
        ("until the first day", f"until={first}"),
        ("days half way down", f"since={first}&until={newest}&after={middle}"),
        ("everything at once", f"action=item.completed&deployment={deployment}&object={subject}&since={first}"),
    ):
        cost = measure(lambda number: None, lambda nothing, at=f"{base}?{asked}": get(client, at), RUNS)  # type: ignore[misc]
        yield Line(f"event log, {name}, of {events:,} events", cost, goal="100 ms wall")


def memory(ground: Ground) -> Iterator[Line]:
    """What this process holds after everything above: a web process with the bench on top."""
    gc.collect()
    held = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
    yield Line("memory of this process", figure=f"{int(held.split()[1]) / 1024:.0f} MB", goal="150 MB",
               note="everything that a web process loads, and the bench")  # fmt: skip


def find_page(ground: Ground) -> Iterator[Line]:
    """The box that finds anything, at an organization of 200 deployments: two words of an item's title, and a slip."""
    client = client_of(ground.owner)
    with scope(ground.host.pk):
        for _ in range(Deployment.objects.count(), SITES):
            ground.plan()
        items = Item.objects.count()
    for words in ("risk register", "zzzz", "secruity reveiw"):
        address = f"/o/{ground.host.slug}/find?q={quote(words)}"
        cost = measure(lambda number: None, lambda nothing, at=address: get(client, at), RUNS)  # type: ignore[misc]
        yield Line(f"find, {words!r} among {items:,} items", cost, goal="100 ms")
