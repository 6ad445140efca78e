"""Opening and closing a staff session."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import StaffSession
from accounts.models.staff_session import SHORTEST_REASON
from accounts.web.views.second_factor import own_address
from tenancy.models import Organization
from web.forms import Form
from web.render import page


class StaffSessionForm(Form):
    """Why, and which organization."""

    reason = forms.CharField(
        label="Reason",
        min_length=SHORTEST_REASON,
        max_length=300,
        help_text="The organization reads it in its audit log, for good: name the ticket, not the person.",
    )
    organization = forms.SlugField(
        label="Organization", required=False, help_text="Its short name. Leave it empty to see no tenant's data."
    )

    def clean_organization(self) -> Organization | None:
        """Find it by its exact short name."""
        slug = self.cleaned_data["organization"]
        found = Organization.objects.filter(slug=slug).first() if slug else None
        if slug and found is None:
            raise forms.ValidationError(f"No organization is called {slug}.")
        return found


@require_http_methods(["GET", "HEAD", "POST"])
def session(request: HttpRequest) -> HttpResponse:
    """Ask for the reason, open the session, or show the one that stands."""
    wanted = own_address(request, request.POST.get("next") or request.GET.get("next", ""))
    wanted = wanted if wanted.startswith("/admin/") else "/admin/"
    form = StaffSessionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        StaffSession.begin(by=request.user, session_key=request.session.session_key or "", **form.cleaned_data)  # type: ignore[arg-type]
        return redirect(wanted)
    context = {"form": form, "wanted": wanted, "standing": request.staff_session}  # type: ignore[attr-defined]
    return page(request, "accounts/staff_session.html", context, status=422 if form.errors else 200)


@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """Close it before its time."""
    standing = request.staff_session  # type: ignore[attr-defined]
    if standing:
        standing.end()
    return redirect("accounts:staff_session")
