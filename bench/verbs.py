"""What the busiest verbs cost, each beside the least SQL that does the same to the tables."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from django.db import connection, transaction

from accounts.actions.create_organization import create_organization
from bench.ground import SETUP, Ground, go_live
from bench.lines import RUNS, Line, slope
from bench.measure import measure
from onboarding.deployments.actions import plan_deployment as planning
from onboarding.deployments.models import Deployment, Item, TeamRole
from tenancy.models import Organization
from tenancy.scope import scope
from testing.journey import Work


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
        f"start a deployment, {items} items", cost, raw, goal="10 SQL, ratio 10",
        note="raw: INSERT … SELECT of items, dependencies, team",
    )  # fmt: skip


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
        yield Line(f"complete an item, {there} other deployments", cost, raw, grown, goal="12 SQL, 15 ms, slope 0.05",
                   note="raw: one UPDATE")  # fmt: skip


def make_an_organization(ground: Ground) -> Iterator[Line]:
    """Create a tenant with its owner: rows, and no schema."""
    cost = measure(
        lambda number: number,
        lambda number: create_organization(
            name="New", slug=f"new-{Organization.objects.count()}", kind=Organization.Kind.HEALTH, owner=ground.owner, by=SETUP
        ),
        RUNS,
    )  # fmt: skip
    yield Line(f"create an organization beside {Organization.objects.count():,}", cost, goal="30 ms")


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
