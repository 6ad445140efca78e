"""Wall 1: a query on tenant data outside a scope refuses when it is compiled, whatever method would have run it."""

from collections.abc import Iterable
from typing import Any, NoReturn, TypeVar

from django.db import models
from django.db.models import sql

from tenancy.scope import NoScope, Scope, WrongScope, current, current_or_none

Row = TypeVar("Row", bound=models.Model)


class RefusingQuery(sql.Query):
    """A query that cannot be compiled. Forbidding a list of methods leaks; nothing runs without a compiler."""

    def get_compiler(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse, unless the query is known to be empty."""
        if not self.is_empty():
            self.refuse()
        return super().get_compiler(*args, **kwargs)

    def as_sql(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse as a subquery too."""
        if not self.is_empty():
            self.refuse()
        return super().as_sql(*args, **kwargs)

    def chain(self, klass: type[sql.Query] | None = None) -> Any:
        """Refuse to become an UPDATE: Django swaps the class, and the guard would be gone."""
        if klass is not None and not self.is_empty():
            self.refuse()
        return super().chain(klass)

    def refuse(self) -> NoReturn:
        """Raise NoScope, naming the model."""
        name = self.model._meta.label if self.model else "tenant data"
        raise NoScope(
            f"{name} was queried outside any organization's scope: enter `with scope(organization_id):` first."
        )


class TenantQuerySet(models.QuerySet[Row]):
    """Rows of the organization in scope. Subclass it and name your filters."""

    def bulk_create(self, objs: Iterable[Row], *args: Any, **kwargs: Any) -> list[Row]:
        """Insert rows of the scope's organization; raise WrongScope for another's."""
        rows = list(objs)
        for row in rows:
            claim(row)
        return super().bulk_create(rows, *args, **kwargs)

    def _raw_delete(self, using: str | None) -> int:
        """Refuse without a scope: Django assigns DeleteQuery to the query's class, past the guard."""
        if isinstance(self.query, RefusingQuery):
            self.query.refuse()
        return super()._raw_delete(using)


class TenantManager(models.Manager[Row]):
    """The default and base manager of every tenant model; fails closed."""

    use_in_migrations = False
    _queryset_class: type[TenantQuerySet[Any]] = TenantQuerySet

    def get_queryset(self) -> TenantQuerySet[Row]:
        """Return the rows of the organization that the scope opens, or a queryset that refuses to run."""
        scope = current_or_none()
        if scope is None:
            return self._queryset_class(model=self.model, query=RefusingQuery(self.model), using=self._db)
        queryset = self._queryset_class(model=self.model, using=self._db).filter(organization_id=scope.organization_id)
        if scope.deployments is None:
            return queryset
        if scope.of_host:
            return queryset.filter(_within(self.model, scope))
        if self.model.partners.name == "OPEN":  # type: ignore[attr-defined]
            return queryset
        if self.model.partners.name == "CLOSED":  # type: ignore[attr-defined]
            return queryset.none()
        return queryset.filter(**{f"{self.model.deployment_column}__in": scope.deployments})  # type: ignore[attr-defined]


def _within(model: Any, scope: Scope) -> models.Q:
    """Return what a member limited to sites reaches: their deployments and sites, and what belongs to neither."""
    found = models.Q()
    for field, ids in ((model.deployment_field(), scope.deployments), (model.site_field(), scope.sites)):
        if field is not None:
            here = models.Q(**{f"{field.attname}__in": ids})
            whole = model.whole_without_deployment and field is model.deployment_field()
            found &= here | models.Q(**{field.attname: None}) if field.null and not whole else here
    if several := model.deployments_field():
        found &= models.Q(**{f"{several.attname}__contained_by": list(scope.deployments or ())})
    if part := model.part_field():
        found &= models.Q(**{f"{part.name}__in": part.related_model.objects.all()})
    return found


def claim(row: Any) -> None:
    """Give a new row the scope's organization; raise WrongScope if it already belongs to another."""
    scope = current()
    if row.organization_id is None:
        row.organization_id = scope.organization_id
    elif row.organization_id != scope.organization_id:
        raise WrongScope(
            f"{row._meta.label} of organization {row.organization_id} in the scope of {scope.organization_id}."
        )
