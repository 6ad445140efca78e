"""The seal on the event log: numbered leaves under signed, chained tree heads."""

import hashlib
from typing import Any
from uuid import UUID

from django.db import models

from audit import keys, tree
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import TenantModel


class BatchQuerySet(TenantQuerySet["Batch"]):
    """Named filters over batches."""

    def newest(self) -> "Batch | None":
        """The batch that the next one is chained to."""
        return self.order_by("-number").first()


class Batch(TenantModel):
    """A run of events sealed together: the tree over them, chained to the batch before it, and signed.

    It also holds the count and digest of the row images written by the same transactions.
    """

    append_only = True
    history = False

    number = models.BigIntegerField(help_text="1, 2, 3, … in the organization")
    first = models.BigIntegerField(help_text="The number of its first event")
    size = models.IntegerField()
    since = models.BigIntegerField(help_text="Transactions from this one on …")
    through = models.BigIntegerField(help_text="… and before this one")
    root = models.BinaryField(max_length=32)
    images = models.BigIntegerField(help_text="How many row images the same transactions left")
    images_digest = models.BinaryField(max_length=32)
    rows_digest = models.BinaryField(
        max_length=32, default=b"", help_text="Of its events and leaves as stored; none in the oldest batches"
    )
    previous_head = models.BinaryField(max_length=32)
    head = models.BinaryField(max_length=32)
    signature = models.BinaryField(max_length=64)
    key_id = models.CharField(max_length=16)
    sealed_at = models.DateTimeField()

    objects = TenantManager.from_queryset(BatchQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="batch_number_once"),
            models.UniqueConstraint(fields=["organization", "first"], name="batch_first_once"),
        ]

    @property
    def last(self) -> int:
        """The number of its last event."""
        return self.first + self.size - 1

    @property
    def sealed_microseconds(self) -> int:
        """The moment of sealing, in microseconds since 1970."""
        return int(self.sealed_at.timestamp()) * 1_000_000 + self.sealed_at.microsecond

    def computed_head(self) -> bytes:
        """Return the head that the batch's own fields give."""
        return head(
            organization_id=self.organization_id,
            numbers=(self.number, self.first, self.size, self.since, self.through, self.images),
            sealed_microseconds=self.sealed_microseconds,
            hashes=(bytes(self.root), bytes(self.images_digest), bytes(self.rows_digest), bytes(self.previous_head)),
        )

    def is_signed(self) -> bool:
        """Whether a key of ours signed the head."""
        return keys.signed(bytes(self.head), bytes(self.signature), self.key_id)


def head(
    *, organization_id: UUID, numbers: tuple[int, ...], sealed_microseconds: int, hashes: tuple[bytes, ...]
) -> bytes:
    """Return the hash over everything that a batch says."""
    words = b"".join(number.to_bytes(8, "big") for number in (*numbers, sealed_microseconds))
    return hashlib.sha256(tree.HEAD + organization_id.bytes + words + b"".join(hashes)).digest()


class Leaf(TenantModel):
    """The place of one event in the sealed log: its number, and the salted hash of its canonical bytes."""

    append_only = True
    history = False

    event_id = models.UUIDField()
    batch: Any = TenantForeignKey(Batch, on_delete=models.PROTECT, related_name="leaves")
    number = models.BigIntegerField()
    salt = models.BinaryField(max_length=16)
    hash = models.BinaryField(max_length=32)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="leaf_number_once"),
            models.UniqueConstraint(fields=["organization", "event_id"], name="leaf_event_once"),
        ]
