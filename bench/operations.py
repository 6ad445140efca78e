"""The operations that are measured, each beside the least SQL that does the same to the tables."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from accounts.models import User
from bench import data
from bench.ground import Ground, go_live
from bench.measure import Cost, measure
from onboarding.deployments.actions import plan_deployment as planning
from onboarding.deployments.models import Deployment, Item, TeamRole
from onboarding.deployments.web.views.portfolio import PAGE
from tenancy.scope import scope
from testing.browser import session
from testing.journey import Work

RUNS = 15


@dataclass(frozen=True, slots=True)
class Line:
    """A measured operation; `raw` is the bare SQL, `slope` the exponent of growth against the smaller size."""

    name: str
    cost: Cost
    raw: Cost | None = None
    slope: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """CPU against the bare SQL's."""
        return self.cost.cpu_ms / self.raw.cpu_ms if self.raw and self.raw.cpu_ms else None


def slope(small: Cost, large: Cost, factor: float) -> float:
    """The exponent of growth: 0 is flat, 1 is proportional to the size."""
    return math.log(large.cpu_ms / small.cpu_ms) / math.log(factor)


def start_a_deployment(ground: Ground) -> Iterator[Line]:
    """Plan a site: items, dependencies and team."""
    with scope(ground.host.pk):
        by = ground.by()
        cost = measure(
            lambda number: ground.site(),
            lambda site: planning.plan_deployment(ground.program, site, go_live_on=go_live(), by=by),
            RUNS,
        )
        raw = measure(lambda number: _bare_deployment(ground), _insert_select, RUNS)
        items = Item.objects.of_deployment(ground.deployment.pk).count()
    yield Line(
        "start a deployment", cost, raw, note=f"{items} items; raw: INSERT … SELECT of items, dependencies, team"
    )


def complete_an_item(ground: Ground) -> Iterator[Line]:
    """Accept one item; alone in the program, and with fifty more deployments."""
    costs = []
    for others in (0, 50):
        with scope(ground.host.pk):
            chosen = ground.deployment
            while Deployment.objects.count() <= others:
                chosen = ground.plan()
            there = Deployment.objects.count() - 1
            by = ground.by()
            work = Work(chosen, by=by, signer=by)

            def ready(number: int, work: Work = work) -> Item:
                item = next(one for one in work.ready(*range(11)) if not one.completed_by_gate)
                work.give_evidence(item)
                return item

            cost = measure(ready, partial(Item.complete, by=by, may_accept=True), RUNS)
            raw = measure(ready, _update_item, RUNS) if not costs else None
            costs.append(cost)
        grown = slope(costs[0], cost, there + 1) if len(costs) == 2 else None
        yield Line(f"complete an item, {there} other deployments", cost, raw, grown, "raw: one UPDATE")


def checklist_page(ground: Ground) -> Iterator[Line]:
    """The whole checklist as its owner sees it."""
    address = f"/o/{ground.host.slug}/deployments/{ground.deployment.pk}/"
    with scope(ground.host.pk):
        items = Item.objects.of_deployment(ground.deployment.pk).count()
    client = _client(ground.owner)
    cost = measure(lambda number: None, lambda nothing: _get(client, address), RUNS)
    with scope(ground.host.pk):
        raw = measure(
            lambda number: None,
            lambda nothing: _fetch(
                "select * from deployments_item where deployment_id = %s order by number", [ground.deployment.pk]
            ),
            RUNS,
        )
    yield Line(f"checklist page, {items} items", cost, raw, note="raw: its rows")


def portfolio_page(ground: Ground, database: str, sizes: list[int]) -> Iterator[Line]:
    """The funder's first page, over ever more organizations."""
    client = _client(ground.officer)
    first: tuple[int, Cost] | None = None
    address = f"/o/{ground.funder.slug}/portfolio/"
    for organizations in sizes:
        connection.close()
        data.fill(database, template=ground.deployment.pk, viewer=ground.funder.pk, organizations=organizations)
        with scope(ground.funder.pk):
            ((rows,),) = _fetch("select count(*) from deployments_portfoliorow", [])
            raw = measure(
                lambda number: None,
                lambda nothing: _fetch(
                    "select * from deployments_portfoliorow where state in ('onboarding', 'rolled_back')"
                    " order by host_name, go_live_on, id limit %s",
                    [PAGE + 1],
                ),
                RUNS,
            )
        cost = measure(lambda number: None, lambda nothing: _get(client, address), RUNS)
        grown = slope(first[1], cost, rows / first[0]) if first else None
        first = first or (rows, cost)
        yield Line(
            f"portfolio page, {organizations:,} organizations, {rows:,} deployments", cost, raw, grown,
            f"raw: its {PAGE + 1} rows",
        )  # fmt: skip


# --- How it is done --------------------------------------------------------------------------------------------------


def _client(user: User) -> Client:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session(user)
    return client


def _get(client: Client, address: str) -> None:
    answer = client.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")


def _fetch(statement: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _bare_deployment(ground: Ground) -> dict[str, Any]:
    deployment = Deployment(
        program=ground.program, site=ground.site(), tool_version=ground.program.tool_version,
        playbook_version=ground.program.playbook_version, tier=ground.program.tier, go_live_on=go_live(),
        baseline_go_live_on=go_live(),
    )  # fmt: skip
    deployment.save(force_insert=True)
    return {
        "organization": ground.host.pk,
        "deployment": deployment.pk,
        "version": ground.program.playbook_version_id,
        "planned": json.dumps(planning._planned_items(deployment)),
        "like": ground.deployment.pk,
    }


def _insert_select(names: dict[str, Any]) -> None:
    columns = [field.column for field in TeamRole._meta.local_concrete_fields]
    values = [{"id": "uuid7()", "deployment_id": "%(deployment)s"}.get(name, name) for name in columns]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(planning._ITEMS_AND_DEPENDENCIES, names)
        cursor.execute(
            f"insert into deployments_teamrole ({', '.join(columns)}) select {', '.join(values)}"  # noqa: S608
            " from deployments_teamrole where deployment_id = %(like)s",
            names,
        )


def _update_item(item: Item) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "update deployments_item set state = 'accepted', done_at = now(), version = version + 1 where id = %s",
            [item.pk],
        )
