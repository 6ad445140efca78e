"""Rows of any model without knowing it: a value for every column, distinct by number."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

MOMENT = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)


def filled(model: type[models.Model], organization_id: uuid.UUID, number: int, text: str = "row") -> Any:
    """Return an unsaved row with a value in every column; references point nowhere, so keys must not be checked."""
    values = {}
    for field in model._meta.local_concrete_fields:
        if field.name == "organization":
            values["organization_id"] = organization_id
        elif not field.primary_key:
            values[field.attname] = value(field, number, text)
    return model(**values)


def value(field: Any, number: int, text: str = "row") -> Any:
    """Return a value that the column takes."""
    if isinstance(field, ArrayField):
        return [value(field.base_field, number, text)]
    if field.is_relation or isinstance(field, models.UUIDField):
        return uuid.UUID(int=(1 << 64) + number)
    if field.choices:
        return field.flatchoices[0][0]
    for kinds, make in VALUES:
        if isinstance(field, kinds):
            return make(field, number, text)
    raise NotImplementedError(f"{field}: no value is known for {type(field).__name__}; add one to testing/rows.py")


def _text(field: Any, number: int, text: str) -> str:
    words = f"{text}-{number}"
    return words[-field.max_length :] if field.max_length else words


VALUES: list[tuple[Any, Any]] = [
    (models.CharField | models.TextField, _text),
    (models.BooleanField, lambda field, number, text: False),
    (models.DecimalField, lambda field, number, text: Decimal(1).scaleb(-field.decimal_places)),
    (models.FloatField, lambda field, number, text: 0.5),
    (models.IntegerField, lambda field, number, text: number),
    (models.DateTimeField, lambda field, number, text: MOMENT + dt.timedelta(days=number)),
    (models.DateField, lambda field, number, text: MOMENT.date() + dt.timedelta(days=number)),
    (models.TimeField, lambda field, number, text: dt.time(9, number % 60)),
    (models.DurationField, lambda field, number, text: dt.timedelta(days=number)),
    (models.JSONField, lambda field, number, text: {"text": f"{text}-{number}"}),
    (models.BinaryField, lambda field, number, text: bytes([number % 256])),
    (models.GenericIPAddressField, lambda field, number, text: f"10.0.0.{number % 250}"),
]
