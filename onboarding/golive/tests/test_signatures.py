"""Signatures under attack: any byte changed is found, a copy on another record fails, nobody signs for another."""

import copy
import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import Event
from onboarding.golive.canonical import canonical, digest
from onboarding.golive.models import GateReview, Signature
from onboarding.golive.models.review import ReviewRefused
from onboarding.golive.models.signature import Proof, SignatureRefused
from onboarding.golive.tests.readiness import fresh, meeting, ready_for_go_no_go, sponsor
from tenancy.scope import scope
from testing.scenes import Scene

BOUND = ("printed_name", "meaning", "method", "capacity", "record_sha256", "sha256")
IDS = ("organization_id", "deployment_id", "review_id", "signer_id")

JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**9), 10**9), st.text(max_size=12)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    max_leaves=12,
)
RECORDS = st.dictionaries(st.text(min_size=1, max_size=8), JSON, max_size=6)


def signed(record: dict[str, Any], review_id: UUID | None = None) -> tuple[Signature, dict[str, Any]]:
    """A signature as `put` makes it, without a database."""
    pk = review_id or uuid4()
    record = {**record, "review": str(pk)}
    one = Signature(
        organization_id=uuid4(),
        deployment_id=uuid4(),
        review_id=pk,
        signer_id=uuid4(),
        capacity="decides",
        printed_name="Sponsor Host",
        meaning="I have seen the evidence.",
        signed_at=timezone.now(),
        method="password+totp",
        record_sha256=digest(record),
    )
    one.sha256 = one.computed()
    return one, record


@given(RECORDS, st.data())
def test_any_byte_of_the_record_that_changes_is_found(content: dict[str, Any], data: st.DataObject) -> None:
    signature, record = signed(content)
    assert signature.is_valid(record)
    written = bytearray(canonical(record))
    place = data.draw(st.integers(0, len(written) - 1))
    written[place] ^= data.draw(st.integers(1, 255))
    try:
        changed = json.loads(written.decode())
    except ValueError:  # no JSON any more: nobody could store it
        return
    if isinstance(changed, dict) and canonical(changed) != canonical(record):
        assert not signature.is_valid(changed)


@given(RECORDS, st.sampled_from(BOUND), st.text(max_size=20))
def test_any_other_word_of_the_signature_is_found(content: dict[str, Any], name: str, other: str) -> None:
    signature, record = signed(content)
    if getattr(signature, name) != other:
        setattr(signature, name, other)
        assert not signature.is_valid(record)


@given(RECORDS, st.sampled_from(IDS))
def test_another_tenant_deployment_record_or_person_is_found(content: dict[str, Any], name: str) -> None:
    signature, record = signed(content)
    setattr(signature, name, uuid4())
    assert not signature.is_valid(record)


@given(RECORDS, st.timedeltas(min_value=timedelta(microseconds=1), max_value=timedelta(days=900)))
def test_another_time_is_found(content: dict[str, Any], by: timedelta) -> None:
    signature, record = signed(content)
    signature.signed_at -= by
    assert not signature.is_valid(record)


@given(RECORDS, RECORDS)
def test_a_signature_copied_to_another_record_fails(one: dict[str, Any], other: dict[str, Any]) -> None:
    signature, _ = signed(one)
    stranger, record = signed(other)
    assert not signature.is_valid(record)
    moved = copy.copy(signature)
    moved.review_id, moved.record_sha256 = stranger.review_id, stranger.record_sha256
    assert not moved.is_valid(record)


def test_signatures_of_the_first_scheme_stay_what_they_were() -> None:
    signature, record = signed({})
    signature.scheme = 1
    assert not signature.is_valid(record)
    signature.sha256 = signature.computed()
    assert signature.is_valid(record)
    signature.scheme = 2
    assert not signature.is_valid(record)


@pytest.fixture
def review(scene: Scene) -> GateReview:
    with scope(scene.world.host.pk):
        ready_for_go_no_go(scene)
        return meeting(scene)


GIVEN = st.lists(
    st.sampled_from(["password", "totp", "webauthn", "recovery_codes", "mail", ""]), max_size=4, unique=True
)


@pytest.mark.asvs("V7.5.3")
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    components=GIVEN,
    first=st.booleans(),
    age=st.integers(-60, 900),
    whose=st.sampled_from(["approver", "manager", "owner", "stranger"]),
    name=st.sampled_from(["Sponsor Host", "sponsor host", "Owner Host", ""]),
)
def test_nobody_signs_for_another_nor_with_less_than_the_rule_asks(
    scene: Scene, review: GateReview, components: list[str], first: bool, age: int, whose: str, name: str
) -> None:
    person = getattr(scene.world, whose)
    known = {"password", "totp", "webauthn", "recovery_codes"} & set(components)
    enough = len(known) >= (2 if first else 1) and 0 <= age <= 299 and whose == "approver" and name == "Sponsor Host"
    with scope(scene.world.host.pk):
        by = sponsor(scene)
        proof = Proof(person.pk, tuple(components), timezone.now() - timedelta(seconds=age), first)
        standing = GateReview.objects.get(pk=review.pk)
        if standing.state == "decided":  # an example that was right has signed: only what is refused is left to see
            return
        if enough:
            return
        with pytest.raises((SignatureRefused, ReviewRefused)):
            review.decide("go", reason="Ready.", printed_name=name, by=by, proof=proof)
        assert not Signature.objects.exists()
        assert GateReview.objects.get(pk=review.pk).state == "meeting"


def test_a_later_signature_of_a_session_needs_one_component(scene: Scene, review: GateReview) -> None:
    with scope(scene.world.host.pk):
        by = sponsor(scene)
        proof = Proof(by.person_id, ("totp",), timezone.now(), first_of_session=False)
        review.decide("go", reason="Ready.", printed_name="Sponsor Host", by=by, proof=proof)
        assert Signature.objects.get().method == "totp"


def test_chair_and_panel_countersign_the_same_record_each_once_and_nobody_else(
    scene: Scene, review: GateReview
) -> None:
    with scope(scene.world.host.pk):
        by, chair, analyst = sponsor(scene), scene.manager, scene.by(scene.world.contributor)
        with pytest.raises(ReviewRefused, match="not decided"):
            review.countersign(printed_name="Manager Host", by=chair, proof=fresh(chair))
        review.decide("go", reason="Ready.", printed_name="Sponsor Host", by=by, proof=fresh(by))
        first = review.countersign(printed_name="Manager Host", by=chair, proof=fresh(chair))
        assert review.countersign(printed_name="Manager Host", by=chair, proof=fresh(chair)) == first
        second = review.countersign(printed_name="Analyst Host", by=analyst, proof=fresh(analyst))
        owner = scene.by(scene.world.owner)
        with pytest.raises(ReviewRefused, match="Only the chair and those who voted"):
            review.countersign(printed_name="Owner Host", by=owner, proof=fresh(owner))
        assert (first.capacity, second.capacity) == ("chair", "panel")
        assert "I chaired this meeting" in first.meaning
        assert "I took part in this decision as" in second.meaning
        record = GateReview.objects.get(pk=review.pk).record
        assert all(one.is_valid(record) for one in Signature.objects.all())
        assert Event.objects.filter(action="gate_review.countersigned").count() == 2
        assert Signature.objects.count() == 3


def test_a_record_that_was_changed_is_not_countersigned(scene: Scene, review: GateReview) -> None:
    with scope(scene.world.host.pk):
        by, chair = sponsor(scene), scene.manager
        review.decide("go", reason="Ready.", printed_name="Sponsor Host", by=by, proof=fresh(by))
        record = GateReview.objects.get(pk=review.pk).record
        GateReview.objects.filter(pk=review.pk).update(record={**record, "reason": "Other."})
        with pytest.raises(SignatureRefused, match="changed after it was signed"):
            review.countersign(printed_name="Manager Host", by=chair, proof=fresh(chair))
        assert Signature.objects.count() == 1


def test_whoever_chairs_a_meeting_does_not_decide_it(scene: Scene, review: GateReview) -> None:
    with scope(scene.world.host.pk):
        by = sponsor(scene)
        review.take_chair(by=by)
        review.take_chair(by=by)
        assert Event.objects.filter(action="gate_review.chaired").count() == 1
        with pytest.raises(ReviewRefused, match="You chair this meeting"):
            review.decide("go", reason="Ready.", printed_name="Sponsor Host", by=by, proof=fresh(by))
        assert not Signature.objects.exists()


def test_the_page_shows_a_changed_record_as_void_even_where_every_hash_was_made_anew(
    scene: Scene, review: GateReview, client_of: Any, django_db_setup: None
) -> None:
    address = f"/o/host/gate-reviews/{review.pk}/"
    with scope(scene.world.host.pk):
        by = sponsor(scene)
        review.decide("go", reason="Ready.", printed_name="Sponsor Host", by=by, proof=fresh(by))
    assert "signed by Sponsor Host" in client_of(scene.world.manager).get(address).content.decode()
    with scope(scene.world.host.pk):
        record = {**GateReview.objects.get(pk=review.pk).record, "reason": "Ready, said nobody."}
        GateReview.objects.filter(pk=review.pk).update(record=record)
        forged = Signature.objects.get()
        forged.record_sha256 = digest(record)
        forged.sha256 = forged.computed()
        assert forged.is_valid(record)  # whole in itself: only the sealed log knows better
        logged = Event.objects.get(action="gate_review.decided").data["signature_sha256"]
        assert forged.sha256 != logged
    page = client_of(scene.world.manager).get(address).content.decode()
    assert "This signature is void." in page
    assert "signed by Sponsor Host" not in page
