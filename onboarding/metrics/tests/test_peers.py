"""Peers' quartiles, attacked: too few, one that dominates, one that leaves, one that comes and goes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
import time_machine
from django.db import connections
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from audit.models import Event
from onboarding.metrics.actions import keep_figures, publish
from onboarding.metrics.likeness import ALL, around, chain, class_of, groups, in_words
from onboarding.metrics.models import PeerChoice, PeerRelease, StageFigure
from onboarding.metrics.peers import LEAST, TOGETHER, may_replace, quartiles
from onboarding.playbooks.models import ToolVersion
from tenancy.models import Organization
from tenancy.scope import scope
from testing.scenes import Scene

ClientOf = Callable[[User], Client]
across = pytest.mark.django_db(transaction=True, databases=["default", "steward"])


@pytest.mark.parametrize("count", range(LEAST))
def test_fewer_than_five_organizations_are_no_figure(count: int) -> None:
    assert quartiles([30] * count) is None


def test_quartiles_are_means_of_three_neighbors_in_whole_weeks() -> None:
    found = quartiles([10, 20, 30, 40, 50, 60, 70, 80, 90])
    assert found is not None
    assert (found.lower, found.middle, found.upper) == (4, 7, 10)  # means of 30, 50 and 70 days


@given(st.lists(st.integers(0, 700), min_size=LEAST, max_size=40))
def test_quartiles_are_in_order_and_inside_what_was_given(days: list[int]) -> None:
    found = quartiles(days)
    assert found is not None
    assert found.lower <= found.middle <= found.upper
    assert min(days) - 7 <= 7 * found.lower
    assert 7 * found.upper <= max(days) + 7


@given(st.lists(st.integers(0, 700), min_size=LEAST, max_size=12), st.integers(0, 11), st.integers(0, 5000))
def test_one_organization_moves_a_quartile_by_no_more_than_its_third(days: list[int], which: int, other: int) -> None:
    """Domination: whatever one says of itself, between its neighbors it only ever shifts ranks by one place."""
    place = which % len(days)
    before, after = quartiles(days), quartiles([*days[:place], other, *days[place + 1 :]])
    assert before is not None
    assert after is not None
    ranked = sorted([*days, other])
    widest = max(late - early for early, late in pairwise(ranked))
    assert abs(after.middle - before.middle) <= widest // 7 + 1


@given(st.lists(st.integers(30, 400), min_size=2, max_size=2), st.integers(30, 400), st.data())
def test_two_who_know_their_own_and_the_figure_do_not_learn_the_other_three(
    own: list[int], first: int, data: st.DataObject
) -> None:
    """Collusion of two among five: another world with other values for the three gives the same figure."""
    rest = sorted([first, *data.draw(st.lists(st.integers(30, 400), min_size=2, max_size=2))])
    published = quartiles([*own, *rest])
    others = 0
    for shift in range(-6, 7):
        for place in range(3):
            changed = [*rest]
            changed[place] = max(changed[place] + shift, 0)
            others += changed != rest and quartiles([*own, *changed]) == published
    assert others >= 1


@pytest.mark.parametrize(
    ("joined", "left", "may"),
    [
        (0, 0, True),
        (1, 0, False),
        (0, 1, False),
        (2, 0, False),
        (2, 2, False),
        (3, 1, False),
        (3, 0, True),
        (3, 3, True),
    ],
)
def test_a_figure_is_not_replaced_while_one_or_two_joined_or_left(joined: int, left: int, may: bool) -> None:
    assert may_replace(joined, left) is may
    assert TOGETHER == 3


def peers(count: int, first: int = 0) -> list[Organization]:
    return [
        Organization.objects.create(slug=f"peer-{number}", name=f"Peer {number}", kind=Organization.Kind.HEALTH)
        for number in range(first, first + count)
    ]


def say(organization: Organization, days: int | None, *among: str) -> None:
    for group in among or (ALL,):
        _say(organization, days, group)


def _say(organization: Organization, days: int | None, among: str) -> None:
    key = {"among": among, "stage": 4, "measure": "duration"}
    with scope(organization.pk):
        figure = StageFigure.objects.filter(**key).first() or StageFigure(**key)
        figure.days = days
        figure.save()


def shown(among: str = "") -> tuple[int, int, int] | None:
    one = PeerRelease.objects.filter(among=among, stage=4, measure="duration", shown=True).first()
    return (one.lower, one.middle, one.upper) if one else None


def later(days: int) -> datetime:
    return timezone.now() + timedelta(days=days)


@across
def test_the_fifth_organization_makes_a_figure_and_no_row_names_one() -> None:
    for number, one in enumerate(peers(4)):
        say(one, 20 + 10 * number)
    assert publish() == 0
    assert shown() is None
    say(peers(1, 4)[0], 60)
    assert publish() == 1
    assert shown() == (4, 6, 7)
    columns = {field.attname for field in PeerRelease._meta.local_fields}
    assert columns == {"id", "among", "stage", "measure", "number", "lower", "middle", "upper", "shown", "released_at"}


@across
def test_the_difference_of_two_figures_never_shows_who_left() -> None:
    """Differencing by leaving: six stand, one leaves; the figure stays as it was until two more have left or moved."""
    six = peers(6)
    for number, one in enumerate(six):
        say(one, 30 * (number + 1))
    publish()
    before = shown()
    say(six[5], None)
    with time_machine.travel(later(40), tick=False):
        assert publish() == 0
        assert shown() == before


@across
def test_coming_and_going_of_one_does_not_wash_another_out() -> None:
    """An attacker leaves and comes back so that three changes are counted: it is one organization, and nothing changed."""
    six = peers(6)
    for number, one in enumerate(six):
        say(one, 30 * (number + 1))
    publish()
    before = shown()
    say(six[5], None)  # the victim leaves
    for _ in range(3):
        say(six[0], None)
        say(six[0], 30)
    with time_machine.travel(later(40), tick=False):
        assert publish() == 0
        assert shown() == before


@across
def test_below_five_it_is_shown_no_more_and_a_sixth_who_comes_does_not_bring_the_difference() -> None:
    five = peers(5)
    for number, one in enumerate(five):
        say(one, 30 * (number + 1))
    publish()
    say(five[4], None)
    publish()
    assert shown() is None
    say(peers(1, 9)[0], 10)
    with time_machine.travel(later(40), tick=False):
        assert publish() == 0
        assert shown() is None
        for one in peers(2, 10):
            say(one, 40)
        assert publish() == 0  # one has still left alone
        say(five[4], 150)
        assert publish() == 1


@across
def test_a_figure_stands_for_four_weeks_at_least() -> None:
    five = peers(5)
    for one in five:
        say(one, 70)
    publish()
    for one in five:
        say(one, 140)
    assert publish() == 0
    assert shown() == (10, 10, 10)
    with time_machine.travel(later(29), tick=False):
        assert publish() == 1
        assert shown() == (20, 20, 20)


@across
def test_the_steward_reads_the_medians_and_nothing_else_of_them() -> None:
    say(peers(1)[0], 30)
    with connections["steward"].cursor() as steward:
        steward.execute("select days from metrics_stagefigure")
        assert steward.fetchall() == [(30,)]
        with pytest.raises(Exception, match="permission denied"):
            steward.execute("select id from metrics_stagefigure")


def test_an_organization_stands_once_however_many_sites_it_has_and_not_at_all_when_it_says_so(scene: Scene) -> None:
    from datetime import date

    from onboarding.metrics.tests.test_stages import finish

    with scope(scene.world.host.pk):
        finish(scene, 1, date(2026, 4, 6), date(2026, 4, 21))
        keep_figures()
        figures = StageFigure.objects.filter(stage=1, measure="time_to")
        kept = {ALL: 0, "record": 0, "record/full": 0}
        assert dict(figures.values_list("among", "days")) == kept
        keep_figures()
        assert dict(figures.values_list("among", "days")) == kept
        assert figures.count() == 3
        PeerChoice.change(shares=False, by=scene.manager)
        PeerChoice.change(shares=False, by=scene.manager)
        assert keep_figures() == 0
        assert not StageFigure.objects.exclude(days=None).exists()
        assert Event.objects.filter(action="metrics.sharing_changed").count() == 1


def test_who_does_not_share_does_not_see(scene: Scene, client_of: ClientOf) -> None:
    PeerRelease.objects.create(stage=4, measure="duration", lower=11, middle=22, upper=33)
    at = f"/o/host/deployments/{scene.deployment.pk}/stage-metrics/"
    manager, owner = client_of(scene.world.manager), client_of(scene.world.owner)
    assert "<b>22</b>" in manager.get(at).content.decode()
    assert manager.post("/o/host/stage-metrics/peers", {"shares": "no"}).status_code == 403
    assert owner.post("/o/host/stage-metrics/peers", {"shares": "no"}).status_code == 302
    assert "<b>22</b>" not in manager.get(at).content.decode()
    assert owner.post("/o/host/stage-metrics/peers", {"shares": "yes"}).status_code == 302
    assert "<b>22</b>" in manager.get(at).content.decode()


def test_a_vendor_has_no_peers(scene: Scene) -> None:
    with scope(scene.world.vendor.pk):
        assert keep_figures() == 0
        assert not StageFigure.objects.exists()


LIGHT, RECORD = "record/light", "record"


@pytest.mark.parametrize(
    ("properties", "kind"),
    [
        ({}, "record"),
        ({"ehr_launched": False}, "alone"),
        ({"generative_ai": True}, "ai"),
        ({"generative_ai": True, "regulated_device": True}, "device"),
    ],
)
def test_a_tool_has_one_class(properties: dict[str, bool], kind: str) -> None:
    assert class_of(ToolVersion(**properties)) == kind


def test_likes_are_tools_of_one_class_on_one_track_then_of_one_class_then_all(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        assert chain(scene.deployment) == ("record/full", "record", ALL)
        assert [(group, len(members)) for group, members in groups([scene.deployment])] == [
            (ALL, 1), ("record", 1), ("record/full", 1),
        ]  # fmt: skip
    assert [around(group) for group in (LIGHT, RECORD, ALL)] == [(RECORD, ALL), (ALL,), ()]
    assert in_words(LIGHT) == "tools opened from the health record, light track"
    assert in_words(ALL) == "all tools and tracks"


@across
def test_a_group_of_like_tools_has_a_figure_once_five_stand_behind_it() -> None:
    for number, one in enumerate(peers(5)):
        say(one, 70, ALL, RECORD, *([LIGHT] if number < 4 else []))
    for one in peers(3, 5):
        say(one, 140, ALL)
    publish()
    assert (shown(LIGHT), shown(RECORD)) == (None, (10, 10, 10))
    assert shown() is not None


@across
def test_the_difference_of_a_group_and_the_one_around_it_never_shows_one() -> None:
    """Five like tools and one other: the figure of the six less that of the five would be the sixth's alone."""
    five, other = peers(5), peers(1, 5)[0]
    for one in five:
        say(one, 70, ALL, RECORD, LIGHT)
    say(other, 140, ALL)
    publish()
    assert shown() is not None
    assert (shown(RECORD), shown(LIGHT)) == (None, None)
    for one in peers(2, 6):
        say(one, 150, ALL)
    publish()
    assert (shown(RECORD), shown(LIGHT)) == ((10, 10, 10), (10, 10, 10))
    say(other, None, ALL)  # two are left outside: the figures of the groups go
    publish()
    assert (shown(RECORD), shown(LIGHT)) == (None, None)


def test_a_page_compares_with_the_closest_group_that_has_a_figure_and_says_which(
    scene: Scene, client_of: ClientOf
) -> None:
    release = {"stage": 4, "measure": "duration", "upper": 33}
    PeerRelease.objects.create(**release, lower=11, middle=22)
    at = f"/o/host/deployments/{scene.deployment.pk}/stage-metrics/"
    manager = client_of(scene.world.manager)
    assert '<b>22</b> – 33<span class="sub">all tools and tracks</span>' in manager.get(at).content.decode()
    PeerRelease.objects.create(**release, among="record", lower=10, middle=20)
    PeerRelease.objects.create(**release, among="device/full", lower=1, middle=2)
    words = '<b>20</b> – 33<span class="sub">tools opened from the health record, either track</span>'
    assert words in manager.get(at).content.decode()
    assert words in manager.get(f"/o/host/programs/{scene.program.pk}/stage-metrics/").content.decode()
    assert "<b>22</b>" in manager.get("/o/host/stage-metrics/").content.decode()
    PeerRelease.objects.create(**release, among="record/full", lower=9, middle=18)
    file = b"".join(manager.get(f"{at}?as=csv").streaming_content).decode()
    assert '9–18–33,"tools opened from the health record, full track"' in file
