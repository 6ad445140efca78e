"""What somebody typed may hold a patient's name: a mark in all of it, and no mail of any kind carries the mark.

What a mail does carry are names of work and of those who do it: items, gates, courses, papers, programs, sites, rooms, tools,
organizations, roles and people. They are listed here; every other text of every table is marked.
"""

from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from django.apps import apps
from django.db import DatabaseError, models, transaction
from django.utils import timezone

from accounts.models import User
from audit import vocabulary
from notices import kinds, mail
from notices.claim import Envelope
from notices.models import Reminder
from onboarding.deployments.actions.follow import SAID_TO_FOLLOWERS
from tenancy.models import TenantModel
from tenancy.scope import scope
from testing.isolation import registry
from testing.isolation.homes import Home, build

pytestmark = pytest.mark.django_db(databases=["default", "steward"], transaction=False)
MARK = "PATIENT Jane Doe 1961-04-02"
NAMES_OF_WORK = {
    "title",
    "name",
    "role_title",
    "code",
    "key",
    "slug",
    "kind",
    "subject_type",
    "number",
    "reference",
    "place",
    "chain_title",
}
TYPED_BY_ANYBODY = {("hypercare.ticket", "title"), ("logbook.entry", "title")}
"""Titles that are no names of work: whoever reports something writes them."""
MACHINE = {
    "email",
    "address",
    "secret_hash",
    "message_hash",
    "sha256",
    "digest",
    "time_zone",
    "work_zone",
    "content_type",
}


@pytest.fixture
def home(db: None) -> Home:
    registry.load()
    return build("host")


def prose(model: type[TenantModel]) -> list[str]:
    found = []
    for field in model._meta.local_concrete_fields:
        text = isinstance(field, models.CharField | models.TextField) and not field.choices
        named = field.name in NAMES_OF_WORK and (model._meta.label_lower, field.name) not in TYPED_BY_ANYBODY
        if text and (getattr(field, "max_length", None) or 1000) >= 60 and not named and field.name not in MACHINE:
            found.append(field.name)
    return found


def plant(home: Home) -> set[str]:
    planted = set()
    with scope(home.organization.pk):
        for model in apps.get_models():
            if not issubclass(model, TenantModel) or model is Reminder:
                continue
            for name in prose(model):
                try:
                    with transaction.atomic():
                        if model.objects.update(**{name: MARK}):
                            planted.add(f"{model._meta.label_lower}.{name}")
                except DatabaseError:
                    continue  # hashes, closed lists, what cannot be changed any more
    return planted


def everything(home: Home) -> dict[UUID, UUID | None]:
    found: dict[UUID, UUID | None] = {home.organization.pk: None}
    for model in apps.get_models():
        if issubclass(model, TenantModel):
            deployment = model.deployment_field()
            names = ("pk", deployment.attname) if deployment else ("pk",)
            found |= {row[0]: row[1] if deployment else None for row in model.objects.values_list(*names)}
    return found


def whole(letter: mail.Letter) -> str:
    assert letter.message is not None
    made = letter.message
    html = "".join(str(part[0]) for part in made.alternatives)
    return "\n".join([str(made.subject), str(made.body), html, *map(str, made.extra_headers.values()), *made.reply_to])


def test_no_mail_of_any_kind_carries_what_somebody_typed(home: Home) -> None:
    planted = plant(home)
    for wanted in ("deployments.comment.body", "hypercare.ticket.title", "deployments.approvalrequest.question"):
        assert wanted in planted, sorted(planted)
    assert len(planted) > 40, sorted(planted)
    owner = User.objects.get(pk=home.people["owner"].pk)
    described: Counter[str] = Counter()
    now = timezone.now()
    with scope(home.organization.pk):
        subjects = everything(home)
        for kind in kinds.every():
            if kind.name.startswith(("test_", "fault_")):
                continue
            for subject, about in kind.describe(set(subjects)).items():
                row = Reminder(
                    organization_id=home.organization.pk, recipient=owner, kind=kind.name, apart=kind.apart, on=now.date(),
                    subject_type="x", subject_id=subject, step="0", reason="You own it.", time_zone="UTC", due_at=now,
                )  # fmt: skip
                assert MARK not in f"{about.title} {about.detail} {about.path} {about.lines}", kind.name
                for apart in {kind.apart, True}:
                    row.apart = apart
                    (letter,) = mail.compose([Envelope(row.pk, [row], now + timedelta(seconds=15))])
                    assert not letter.broken, (kind.name, letter.broken)
                    assert MARK not in whole(letter), kind.name
                described[kind.name] += 1
    assert len(described) >= 8, described


def test_what_followers_are_told_names_work_and_nothing_that_was_typed() -> None:
    for name in [*SAID_TO_FOLLOWERS, "comment.added"]:
        sentence = vocabulary.find(name).sentence
        for typed in ("{reason}", "{note}", "{body}", "{text}", "{words}", "{question}"):
            assert typed not in sentence, name
