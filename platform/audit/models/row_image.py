"""Row history: what every row looked like after each change, kept by statement-level triggers."""

from django.db import models
from django.db.models.functions import Now

from audit.models.event import CurrentTransaction, TransactionId
from tenancy.models import TenantModel


class RowImage(TenantModel):
    """The row after an insert or update, or as it was before a delete. Raw SQL, bulk updates and migrations leave one too.

    The transaction id joins it to the event that explains it.
    """

    append_only = True
    monthly = True
    partners_append = True
    history = False

    table = models.CharField(max_length=63)
    row_id = models.UUIDField()
    operation = models.CharField(max_length=6)
    image = models.JSONField()
    at = models.DateTimeField(db_default=Now())
    xact = TransactionId(db_default=CurrentTransaction())

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["organization", "row_id", "id"], name="row_image_by_row"),
            models.Index(fields=["organization", "xact", "id"], name="row_image_by_transaction"),
        ]
