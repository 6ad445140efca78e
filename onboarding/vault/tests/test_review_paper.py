"""A paper's reviews: what is in force, and what a newer version, a flag and a revocation do."""

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import Event
from onboarding.vault import controls
from onboarding.vault.models import Paper, PaperRefused, PaperVersion
from onboarding.vault.tests.shelf import paper, renew, stored
from tenancy.scope import scope
from testing.cast import World
from testing.scenes import Scene


def events(found: Paper) -> list[str]:
    return list(Event.objects.filter(subject_id=found.pk).order_by("id").values_list("action", flat=True))


def test_a_paper_waits_for_its_review_and_comes_into_force(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        made = paper(scene.manager, approved=False)
        assert (made.state, made.approved_version, made.is_in_force) == ("ready", None, False)
        made.approve(by=scene.manager)
        made.approve(by=scene.manager)
        made.refresh_from_db()
        assert (made.state, made.approved_version, made.is_in_force) == ("approved", 1, True)
        assert events(made) == ["paper.added", "paper.approved"]
        version = PaperVersion.objects.get(paper=made)
        assert (version.number, version.by_id, len(version.sha256)) == (1, scene.world.manager.pk, 64)


def test_a_newer_version_waits_while_the_approved_one_stays_in_force(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        made = paper(scene.manager)
        made.renew(stored(text="Newer"), by=scene.manager)
        made.renew(stored(text="Newer"), by=scene.manager)
        made.refresh_from_db()
        assert (made.state, made.approved_version, made.versions_count) == ("ready", 1, 2)
        made.flag(by=scene.manager, reason="The second page is missing.")
        made.refresh_from_db()
        assert (made.state, made.approved_version, made.is_in_force) == ("flagged", 1, True)
        made.renew(stored(text="With all pages"), by=scene.manager)
        made.approve(by=scene.manager)
        made.refresh_from_db()
        assert (made.state, made.approved_version, made.note) == ("approved", 3, "")


def test_a_flag_on_the_version_in_force_ends_it(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        made = paper(scene.manager)
        made.flag(by=scene.manager, reason="It names another release.")
        made.refresh_from_db()
        assert (made.state, made.approved_version, made.note) == ("flagged", None, "It names another release.")


def test_a_revoked_paper_takes_no_version_and_no_approval(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        made = paper(scene.manager)
        made.revoke(by=scene.manager, reason="The assessor withdrew it.")
        before = events(made)
        for verb in (
            lambda: made.approve(by=scene.manager),
            lambda: made.renew(stored(text="Again"), by=scene.manager),
            lambda: made.make_ready(by=scene.manager),
        ):
            with pytest.raises(PaperRefused, match="is revoked"):
                verb()
        made.refresh_from_db()
        assert (made.state, made.versions_count, events(made)) == ("revoked", 1, before)


@pytest.mark.parametrize("verb", ["flag", "revoke"])
def test_no_reason_no_change(scene: Scene, verb: str) -> None:
    with scope(scene.world.host.pk):
        made = paper(scene.manager)
        before = events(made)
        with pytest.raises(PaperRefused, match="Say w"):
            getattr(made, verb)(by=scene.manager, reason="  ")
        made.refresh_from_db()
        assert (made.state, events(made)) == ("approved", before)


def test_a_version_whose_date_is_past_is_not_approved(scene: Scene) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    with scope(scene.world.host.pk):
        made = paper(scene.manager, approved=False, valid_until=yesterday)
        with pytest.raises(PaperRefused, match="is past"):
            made.approve(by=scene.manager)
        made.refresh_from_db()
        assert (made.state, made.approved_version) == ("ready", None)


def test_a_version_with_another_date_changes_what_is_valid_only_once_approved(scene: Scene) -> None:
    today = timezone.localdate()
    with scope(scene.world.host.pk):
        made = paper(scene.manager, valid_until=today + timedelta(days=20))
        made.renew(stored(text="Next year's"), by=scene.manager, valid_until=today + timedelta(days=380))
        made.refresh_from_db()
        assert made.valid_until == today + timedelta(days=20)
        renew(made, scene.manager, "Next year's", today + timedelta(days=380))
        assert made.valid_until == today + timedelta(days=380)
        assert made.versions_count == 2


def test_controls_are_those_of_the_shipped_sets(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        made = paper(scene.manager, shows="vendor-security-review/penetration-test")
        assert made.controls == ["digital-assessment/technical-security", "vendor-assurance/penetration-test"]
        with pytest.raises(PaperRefused, match="No control set has"):
            made.describe(by=scene.manager, title="Other", owner=None, mapped=["vendor-assurance/none"])
        made.refresh_from_db()
        assert made.title == "Assurance report"
        made.describe(by=scene.manager, title="Other", owner=None, mapped=["safe-use/ai"])
        made.refresh_from_db()
        assert (made.title, made.owner_id, made.controls) == ("Other", None, ["safe-use/ai"])


def test_every_control_set_can_be_read_and_answers_kinds_of_the_starter_playbook(starter: object) -> None:
    kinds = {f"{item.key}/{one.key}" for item in starter.items for one in item.evidence}  # type: ignore[attr-defined]
    assert [one.key for one in controls.sets()] == [
        "business-associate", "digital-assessment", "hipaa-risk-analysis", "safe-use", "school-records",
        "substance-use-records", "vendor-assurance",
    ]  # fmt: skip
    for control in controls.every().values():
        assert set(control.evidence) <= kinds, control.key


def test_another_organization_does_not_see_the_paper(scene: Scene, world: World) -> None:
    with scope(world.host.pk):
        made = paper(scene.manager)
    with scope(world.elsewhere.pk):
        assert not Paper.objects.filter(pk=made.pk).exists()
