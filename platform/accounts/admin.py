"""What operators see of people and organizations."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import Membership, StaffRequest, StaffSession, User
from accounts.operations import ReadOnlyAdmin, TenantAdmin
from audit.models import Event
from tenancy.models import Organization
from tenancy.scope import current_or_none


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """People of the organization in scope, or one person by exact address; never everybody."""

    list_display = ("email", "name", "is_active", "is_staff", "last_login")
    search_fields = ("=email",)
    changeable = ("is_active",)
    exclude = ("password", "groups", "user_permissions")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Return whom the operator may look at."""
        people: QuerySet[User] = super().get_queryset(request)
        if current_or_none():
            return people.filter(pk__in=list(Membership.objects.values_list("user_id", flat=True)))
        return people

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Outside a scope an empty search finds nobody."""
        if not search_term and not current_or_none():
            return queryset.none(), False
        return super().get_search_results(request, queryset, search_term)


@admin.register(Organization)
class OrganizationAdmin(ReadOnlyAdmin):
    """The directory."""

    list_display = ("slug", "name", "kind", "country", "time_zone", "created_at")
    search_fields = ("slug", "name")


@admin.register(StaffSession)
class StaffSessionAdmin(ReadOnlyAdmin):
    """Who was in the admin, why, and where."""

    list_display = ("started_at", "user", "organization", "reason", "ends_at", "ended_at")
    exclude = ("session_key",)


@admin.register(StaffRequest)
class StaffRequestAdmin(ReadOnlyAdmin):
    """What was done there."""

    list_display = ("at", "session", "method", "path")
    list_select_related = ("session__user", "session__organization")


@admin.register(Membership)
class MembershipAdmin(TenantAdmin):
    """People of the organization in scope."""

    list_display = ("user", "roles", "title", "joined_at", "ended_at")
    list_select_related = ("user",)


@admin.register(Event)
class EventAdmin(TenantAdmin):
    """What happened in the organization in scope."""

    list_display = ("at", "action", "actor_kind", "subject_type", "subject_id")
    list_filter = ("action",)
