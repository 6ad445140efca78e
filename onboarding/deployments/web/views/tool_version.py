"""Moving a deployment to another release of its tool."""

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from access.permissions import Permission
from access.require import require
from onboarding.deployments.actions.take_tool_version import take_tool_version
from onboarding.deployments.lens import Lens
from onboarding.deployments.models.deployment import CannotMove
from onboarding.deployments.web.frame import frame
from web.forms import Form
from web.render import page, toast


class VersionForm(Form):
    """The release that is in use from now on."""

    version = forms.CharField(
        label="Tool version", max_length=40, help_text="As the vendor writes it. The site uses it from now on."
    )


@require(Permission.DEPLOYMENT_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def tool_version(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """Say which release the site uses; training assigns what it asks for."""
    found = Lens.of(request).deployment(deployment)
    form = VersionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            take_tool_version(found, form.cleaned_data["version"], by=request.actor)  # type: ignore[attr-defined]
            toast(request, f"{found} uses version {found.tool_version.version}")
            kwargs = {"org": org, "deployment": found.pk}
            return HttpResponseRedirect(reverse("org:deployments:overview", kwargs=kwargs))
        except (CannotMove, ValueError) as refused:
            form.add_error("version", str(refused))
    context = {**frame(request, found, "Stages and gates"), "form": form}
    return page(request, "deployments/tool_version.html", context, status=422 if form.errors else 200)
