"""Bring an organization's figures up to date, and publish what may be published of all."""

from collections import defaultdict
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db import connections, transaction
from django.utils import timezone

from audit.models import Cursor
from audit.timer import every
from onboarding.deployments.models import Deployment
from onboarding.metrics.likeness import around, groups
from onboarding.metrics.models import PeerChoice, PeerRelease, StageFigure
from onboarding.metrics.peers import KEPT_FOR, may_replace, may_stand_apart, quartiles
from onboarding.metrics.reading import sites_of
from onboarding.metrics.stages import MEASURES, TITLES, median_days
from tenancy.models import Organization
from tenancy.scope import current, scope

HOUR = 3600
Key = tuple[str, int, str]
"""Group, stage and measure."""


class Kept(NamedTuple):
    """What the steward reads of one organization's figure."""

    organization: UUID
    days: int | None
    release: int


@transaction.atomic
def keep_figures(today: date | None = None) -> int:
    """Write the medians of the organization in scope; return how many stand. Only health organizations have peers."""
    organization = Organization.objects.get(pk=current().organization_id)
    known = {(one.among, one.stage, one.measure): one for one in StageFigure.objects.all()}
    found: dict[Key, int | None] = dict.fromkeys(known)
    if organization.kind == Organization.Kind.HEALTH and PeerChoice.shared():
        today = today or timezone.localdate()
        deployments = list(Deployment.objects.select_related("site", "tool_version"))
        sites = sites_of(deployments)
        for among, members in groups(deployments):
            here = [sites[one.pk] for one in members]
            found |= {
                (among, stage, measure): median_days(here, stage, measure, today)
                for stage in TITLES
                for measure in MEASURES
            }
    for key, days in found.items():
        figure = known.get(key)
        if figure is None and days is not None:
            StageFigure(among=key[0], stage=key[1], measure=key[2], days=days).save(force_insert=True)
        elif figure is not None and figure.days != days:
            figure.days = days
            figure.save(update_fields=["days"])
    return sum(days is not None for days in found.values())


@every(HOUR, "peers")
def publish_due() -> int:
    """Publish what is due, in one worker at a time; return how many figures were renewed."""
    with transaction.atomic():
        cursor = Cursor.take("peers")
        if cursor is None:
            return 0
        renewed = publish()
        cursor.move()
    return renewed


@transaction.atomic
def publish() -> int:
    """Renew each published figure that may be renewed, and show none behind which fewer than five stand."""
    kept: dict[Key, list[Kept]] = defaultdict(list)
    with connections["steward"].cursor() as steward:
        steward.execute("select among, stage, measure, organization_id, days, release from metrics_stagefigure")
        for among, stage, measure, *row in steward.fetchall():
            kept[among, stage, measure].append(Kept(*row))
    released = {(one.among, one.stage, one.measure): one for one in PeerRelease.objects.select_for_update()}
    renewed: dict[UUID, list[PeerRelease]] = defaultdict(list)
    count = 0
    for key in sorted({*kept, *released}):
        here = _standing(kept.get(key, []))
        outside = [len(_standing(kept.get((group, *key[1:]), [])) - here) for group in around(key[0])]
        release = _publish(key, kept.get(key, []), released.get(key), outside)
        if release:
            count += 1
            for one in kept.get(key, []):
                if one.days is not None:
                    renewed[one.organization].append(release)
    for organization, releases in sorted(renewed.items()):
        with scope(organization):
            for release in releases:
                figure = StageFigure.objects.filter(among=release.among, stage=release.stage, measure=release.measure)
                figure.update(release=release.number)
    return count


def _standing(rows: list[Kept]) -> set[UUID]:
    return {one.organization for one in rows if one.days is not None}


def _publish(key: Key, rows: list[Kept], last: PeerRelease | None, outside: list[int]) -> PeerRelease | None:
    """Return the new release; None where the last one stands, or is no longer shown.

    `outside`: for each group around this one, how many organizations stand there and not here.
    """
    stand = [one for one in rows if one.days is not None]
    made = (
        quartiles([one.days for one in stand if one.days is not None]) if all(map(may_stand_apart, outside)) else None
    )
    if made is None:
        if last is not None and last.shown:
            last.shown = False
            last.save(update_fields=["shown"])
        return None
    if last is not None:
        joined = sum(one.release != last.number for one in stand)
        left = sum(one.release == last.number and one.days is None for one in rows)
        if timezone.now() - last.released_at < KEPT_FOR or not may_replace(joined, left):
            return None
    release = last or PeerRelease(among=key[0], stage=key[1], measure=key[2], number=0)
    release.number += 1
    release.lower, release.middle, release.upper = made.lower, made.middle, made.upper
    release.shown, release.released_at = True, timezone.now()
    release.save()
    return release
