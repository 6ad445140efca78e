"""Django's admin as the platform operators' desk: signed in by the product's own flow, tenants by scope only."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.module_loading import import_string

from tenancy.scope import current_or_none


class OperationsConfig(AdminConfig):
    """Puts our site in the place of Django's."""

    default_site = "accounts.operations.OperationsSite"


class OperationsSite(admin.AdminSite):
    """No sign-in page of its own: `accounts.staff` has already asked for everything."""

    site_header = "Causeway operations"
    site_title = "Causeway operations"
    index_title = "What the platform holds"

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Put what has to be looked after on every page of the desk."""
        return {**super().each_context(request), "alerts": import_string(settings.OPERATOR_ALERTS)}

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Lead to the one sign-in page."""
        return redirect("account_login")


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows are read here; verbs change them."""

    actions = None
    changeable: tuple[str, ...] = ()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is made here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is deleted here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only what is listed as changeable."""
        return bool(self.changeable) and super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Everything else."""
        return [field.name for field in self.opts.fields if field.name not in self.changeable]


class TenantAdmin(ReadOnlyAdmin):
    """A tenant's rows: there only while the staff session names that tenant."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Outside a scope the model is not listed at all."""
        return current_or_none() is not None and super().has_module_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Outside a scope nothing can be opened."""
        return current_or_none() is not None and super().has_view_permission(request, obj)
