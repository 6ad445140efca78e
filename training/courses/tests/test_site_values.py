"""What a site puts into the text."""

import pytest

from audit.actor import Actor
from audit.models import Event
from tenancy.models import Site
from tenancy.scope import scope
from testing.cast import World
from training.courses.models import SiteValue
from training.courses.rendering import card_blocks, choices, choices_from, moment
from training.courses.shape import Block, Card, Course

BY = Actor.system("test")


def test_a_site_wins_over_the_organization_and_that_over_the_default(world: World, prescriber_course: Course) -> None:
    with scope(world.host.pk):
        here, there = Site.objects.create(name="Here"), Site.objects.create(name="There")
        assert SiteValue.of(prescriber_course, here.pk)["risk-minutes"] == "10 minutes"
        SiteValue.put("risk-minutes", "8 minutes", site=None, by=BY)
        SiteValue.put("risk-minutes", " 5  minutes", site=here, by=BY)
        assert SiteValue.of(prescriber_course, here.pk)["risk-minutes"] == "5 minutes"
        assert SiteValue.of(prescriber_course, there.pk)["risk-minutes"] == "8 minutes"
        SiteValue.put("risk-minutes", "", site=here, by=BY)
        assert SiteValue.of(prescriber_course, here.pk)["risk-minutes"] == "8 minutes"
        assert Event.objects.filter(action="course.site_value_set").count() == 3


def test_the_same_value_again_is_not_recorded_and_a_long_one_is_refused(world: World) -> None:
    with scope(world.host.pk):
        SiteValue.put("on-call", "Dr. on call", site=None, by=BY)
        SiteValue.put("on-call", "Dr. on call", site=None, by=BY)
        assert Event.objects.filter(action="course.site_value_set").count() == 1
        with pytest.raises(ValueError, match="at most 200 characters, this has 201"):
            SiteValue.put("on-call", "x" * 201, site=None, by=BY)
        assert SiteValue.objects.get().value == "Dr. on call"


def test_a_value_cannot_bring_html_or_a_script_address_into_a_card(prescriber_course: Course) -> None:
    card = Card("T", (Block("risk", "Call [[who]]", "Ask **now**: [[who]]"),))
    [block] = card_blocks(
        card, {"who": "<script>x</script> [y](javascript:alert(1))"}, prescriber_course, lambda name: f"/{name}"
    )
    assert "<script" not in block.html
    assert 'href="javascript' not in block.html
    assert "<strong>now</strong>" in block.html
    assert block.title == "Call <script>x</script> [y](javascript:alert(1))"  # text, which the template escapes


def test_a_case_is_walked_from_choice_to_choice(prescriber_course: Course) -> None:
    case = prescriber_course.cases[0]
    assert moment(case, "").scene.key == "result"
    feedback = "Good. You are still in time, and you tell the next patient that you will be late."
    [name] = [name for name, choice in choices(case) if choice.feedback == feedback]
    there = moment(case, name)
    assert (there.scene.key, there.came_by and there.came_by.feedback) == ("ask", feedback)
    assert [name for name, _ in choices_from(case, there.scene)] == [
        f"{case.scenes.index(there.scene)}.{number}" for number in range(len(there.scene.choices))
    ]
    for nonsense in ("9x", "9.0", "0.99", "-1.0", "0", "\x00"):
        assert moment(case, nonsense).scene.key == "result"
