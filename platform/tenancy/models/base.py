"""The base of every row that belongs to an organization."""

import enum
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models

from tenancy.guard import TenantManager, claim
from tenancy.ids import uuid7

SCOPE_ORGANIZATION = "(select nullif(current_setting('app.organization', true), '')::uuid)"
"""The one form of the tenant condition: a stable scalar sub-select costs 0.41 ms over 4 million rows (no policy: 0.32)."""


class Partners(enum.Enum):
    """What vendor, funder and hub may reach of a table from inside the host's scope; the database enforces it."""

    CLOSED = "closed"
    """Nothing: only the host's own members."""
    DEPLOYMENT = "deployment"
    """Rows whose deployment is shared with them."""
    OPEN = "open"
    """Every row: names that a shared deployment is meaningless without. Keep this list short."""


class TenantModel(models.Model):
    """A row of one organization: guarded in Python, behind row-level security in the database.

    Declare on the class, as needed:
    `partners` (default CLOSED), `deployment_column` and `site_column` where they are not `deployment_id` and `site_id`
    (what has such a column is closed to members limited to other sites; an empty name says that it is not),
    `deployments_column` (an array of all deployments that a row tells of: closed to whoever does not reach each of them),
    `whole_without_deployment` (a row without one tells of every site: closed to members limited to some),
    `part_of` (a reference whose row says at which site this one lies: closed where that one is),
    `append_only` (the app may insert and read, never change), `monthly` (partitioned by the month in which a row's id was
    made: `tenancy.months`), `partners_append` (a partner's work leaves a row here
    that it may not read back), `history` (row images by trigger, on by default),
    `steward_columns` (what the workers' steward role may read of all tenants), `extra_select_policies` (name to
    condition: a further way to read, for the few projections that cross tenants by design).
    """

    partners: ClassVar[Partners] = Partners.CLOSED
    deployment_column: ClassVar[str] = "deployment_id"
    site_column: ClassVar[str] = "site_id"
    deployments_column: ClassVar[str] = ""
    whole_without_deployment: ClassVar[bool] = False
    part_of: ClassVar[str] = ""
    append_only: ClassVar[bool] = False
    monthly: ClassVar[bool] = False
    partners_append: ClassVar[bool] = False
    history: ClassVar[bool] = True
    steward_columns: ClassVar[tuple[str, ...]] = ()
    extra_select_policies: ClassVar[dict[str, str]] = {}

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(
        "tenancy.Organization", on_delete=models.PROTECT, db_index=False, related_name="+", editable=False
    )

    if TYPE_CHECKING:  # an instance's name to the type checker, so that a model may narrow it to its own queryset
        objects: TenantManager[Any]
    else:
        objects = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def __str__(self) -> str:
        for name in ("title", "name", "key"):
            if value := getattr(self, name, None):
                return str(value)
        return f"{self._meta.verbose_name} {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the row inside the scope of its own organization only."""
        claim(self)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the row inside the scope of its own organization only."""
        claim(self)
        return super().delete(*args, **kwargs)

    @classmethod
    def deployment_field(cls) -> "models.Field[Any, Any] | None":
        """Return the field that says which deployment a row belongs to, if the model has one."""
        return cls._column(cls.deployment_column)

    @classmethod
    def site_field(cls) -> "models.Field[Any, Any] | None":
        """Return the field that says at which site a row lies, if the model has one."""
        return cls._column(cls.site_column)

    @classmethod
    def deployments_field(cls) -> "models.Field[Any, Any] | None":
        """Return the field that names all deployments a row tells of, if the model has one."""
        return cls._column(cls.deployments_column) if cls.deployments_column else None

    @classmethod
    def part_field(cls) -> Any:
        """Return the reference to the row that this one is part of, if the model names one."""
        return cls._meta.get_field(cls.part_of) if cls.part_of else None

    @classmethod
    def _column(cls, name: str) -> "models.Field[Any, Any] | None":
        return next((field for field in cls._meta.local_concrete_fields if field.attname == name), None)

    @classmethod
    def locked(cls, pk: Any) -> Any:
        """Return the row with its lock held to the end of the transaction; raise DoesNotExist if it is not in scope."""
        return cls._default_manager.select_for_update(no_key=True, of=("self",)).get(pk=pk)
