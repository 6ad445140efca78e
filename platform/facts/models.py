"""Facts as rows: each statement is written once and never changed; a newer one takes its place."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils import timezone

from facts.kinds import Kind, find
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Partners, TenantModel


class FactQuerySet(TenantQuerySet["Fact"]):
    """Named filters over facts."""

    def current(self) -> "FactQuerySet":
        """The newest statement of each kind about each subject."""
        return self.order_by("organization_id", "subject_id", "kind", "-observed_at", "-id").distinct(
            "organization_id", "subject_id", "kind"
        )

    def about(self, subject_id: UUID) -> "FactQuerySet":
        """Statements about one subject."""
        return self.filter(subject_id=subject_id)

    def valid_at(self, moment: datetime) -> "FactQuerySet":
        """Statements that had been made and had not lapsed at that moment."""
        return self.filter(observed_at__lte=moment).filter(Q(valid_until=None) | Q(valid_until__gt=moment))


class Fact(TenantModel):
    """A statement: subject, kind, value, when it was observed, how long it holds, who says so and on what evidence."""

    partners = Partners.DEPLOYMENT
    append_only = True
    history = False

    kind = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    deployment_id = models.UUIDField(null=True)
    value = models.JSONField()
    observed_at = models.DateTimeField(default=timezone.now)
    valid_until = models.DateTimeField(null=True)
    source = models.CharField(max_length=60)
    evidence_id = models.UUIDField(null=True)

    objects = TenantManager.from_queryset(FactQuerySet)()

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["organization", "subject_id", "kind", "-observed_at", "-id"], name="fact_current"),
            models.Index(fields=["organization", "deployment_id", "kind"], name="fact_by_deployment"),
        ]


@dataclass(frozen=True, slots=True)
class About:
    """A subject that another domain knows by its kind and id only."""

    type: str
    pk: UUID


AFTER_STATEMENT: list[Callable[[UUID], None]] = []
"""Called with a deployment's id in the transaction that stated something about it: gates register themselves here."""

_waiting: ContextVar[set[UUID] | None] = ContextVar("causeway_statements", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Let several statements be looked at once, when all of them are made."""
    if _waiting.get() is not None:
        yield
        return
    token = _waiting.set(set())
    try:
        yield
        stated = _waiting.get() or set()
    finally:
        _waiting.reset(token)
    for deployment_id in sorted(stated):
        _look(deployment_id)


def _look(deployment_id: UUID) -> None:
    waiting = _waiting.get()
    if waiting is not None:
        waiting.add(deployment_id)
        return
    for look in AFTER_STATEMENT:
        look(deployment_id)


def state(
    kind: Kind,
    value: Any,
    *,
    subject: models.Model | About,
    deployment_id: UUID | None = None,
    valid_until: datetime | None = None,
    observed_at: datetime | None = None,
    evidence_id: UUID | None = None,
) -> Fact:
    """Write a fact, unless the current statement says the same until the same time; return the statement in force.

    Raises TypeError for a value of another type than the kind declares.
    """
    find(kind.name)
    if not isinstance(value, kind.value_type) and not (kind.value_type is float and isinstance(value, int)):
        raise TypeError(f"{kind.name} takes {kind.value_type.__name__}, got {value!r}.")
    standing = Fact.objects.about(subject.pk).filter(kind=kind.name).current().first()
    if standing and standing.value == value and standing.valid_until == valid_until and kind.fresh_for is None:
        return standing
    fact = Fact(
        kind=kind.name,
        subject_type=subject.type if isinstance(subject, About) else subject._meta.label_lower,
        subject_id=subject.pk,
        deployment_id=None if kind.private else deployment_id or getattr(subject, "deployment_id", None),
        value=value,
        observed_at=observed_at or timezone.now(),
        valid_until=valid_until,
        source=kind.source,
        evidence_id=evidence_id,
    )
    fact.save(force_insert=True)
    if fact.deployment_id:
        _look(fact.deployment_id)
    return fact
