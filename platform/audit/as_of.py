"""Rows as they stood at a moment, from the row history: what an auditor asks about a gate, a checklist, a membership."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tenancy.models import TenantModel
from tenancy.scope import current

STOOD = """
select distinct on (row_id) row_id, operation, image::text from audit_rowimage
where organization_id = %s and "table" = %s and row_id = any(%s) and at <= %s
order by row_id, id desc
"""
BEGAN = 'select min(at) from audit_rowimage where organization_id = %s and "table" = %s and row_id = any(%s)'


def rows_at(model: type[TenantModel], ids: Collection[UUID], at: datetime) -> dict[UUID, dict[str, Any]]:
    """Return these rows of the organization in scope as they stood, by id; those that were not there yet are missing.

    Columns are named as in the database. A row counts from the moment at which the transaction that wrote it began.
    Whoever asks has to hold the ids rightly: the history knows no reader.
    """
    with connection.cursor() as cursor:
        cursor.execute(STOOD, [current().organization_id, model._meta.db_table, list(ids), at])
        return {row: json.loads(image) for row, operation, image in cursor.fetchall() if operation != "delete"}


def began(model: type[TenantModel], ids: Collection[UUID]) -> datetime | None:
    """Return the moment of the oldest image of these rows; None where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(BEGAN, [current().organization_id, model._meta.db_table, list(ids)])
        found: datetime | None = cursor.fetchone()[0]
    return found
