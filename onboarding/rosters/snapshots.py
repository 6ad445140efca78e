"""A site's fields as JSON, to put back and to compare: every field there is, also those that come later."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models

from tenancy.models import Site

NOT_CONTENT = {"id", "organization_id", "created_at", "updated_at"}


def content_fields() -> "list[models.Field[Any, Any]]":
    """Return the fields that say something about the site."""
    return [field for field in Site._meta.concrete_fields if field.attname not in NOT_CONTENT]


def snapshot(site: Site) -> dict[str, Any]:
    """Return what the site says, and when it was last changed."""
    kept = {field.attname: _plain(getattr(site, field.attname)) for field in content_fields()}
    return {**kept, "updated_at": site.updated_at.isoformat() if site.updated_at else None}


def content(kept: dict[str, Any]) -> dict[str, Any]:
    """Leave out when it was changed and what says nothing: two sites that say the same are the same.

    A field that comes later is empty at first: it changes no digest that was kept before.
    """
    return {name: value for name, value in kept.items() if name != "updated_at" and value not in (None, "", [], False)}


def put_back(site: Site, kept: dict[str, Any]) -> None:
    """Set the site's fields to what was kept, the time of its last change included; not saved."""
    for field in content_fields():
        if field.attname in kept:
            setattr(site, field.attname, field.to_python(kept[field.attname]))
    site.updated_at = datetime.fromisoformat(kept["updated_at"])


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            return str(value.normalize() + 0)
        case date():
            return value.isoformat()
        case list():
            return [_plain(item) for item in value]
    return value
