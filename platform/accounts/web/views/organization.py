"""Settings of the organization."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from access.permissions import Permission
from access.require import require
from accounts.actions.change_organization import change_organization
from accounts.web.console_forms import OrganizationForm
from web.render import page, toast


@require(Permission.POLICY_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def organization(request: HttpRequest, org: str) -> HttpResponse:
    """Show and change them."""
    form = OrganizationForm(request.POST or None, request.organization)  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        try:
            change_organization(by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            toast(request, "Settings saved")
            return redirect("org:console:organization", org=org)
    return page(request, "accounts/console/organization.html", {"form": form}, status=422 if form.errors else 200)
