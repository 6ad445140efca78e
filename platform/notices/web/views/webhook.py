"""The organization's webhook: its address, its secret (shown when it is made), a test, and turning it off."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from access.permissions import Permission
from access.require import require
from notices import webhook
from notices.calling import Answer
from notices.models import WebhookEndpoint
from notices.public_addresses import AddressRefused
from notices.web.calls import TOO_MANY, may_call
from notices.web.forms import WebhookForm
from web.render import page, redirect_or_refresh, toast


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.POLICY_MANAGE)
def show(request: HttpRequest, org: str) -> HttpResponse:
    """Show the address, or set it: the secret is on the page that follows and nowhere else."""
    standing = WebhookEndpoint.standing()
    form = WebhookForm(request.POST or None, initial={"url": standing.url if standing else ""})
    secret = ""
    if request.method == "POST" and form.is_valid():
        if not may_call(request):
            form.add_error("url", TOO_MANY)
            return _page(request, form, standing, status=429)
        try:
            endpoint = WebhookEndpoint.put(form.cleaned_data["url"], by=request.actor)  # type: ignore[attr-defined]
        except AddressRefused as refusal:
            form.add_error("url", str(refusal))
        else:
            secret = endpoint.secret if standing is None or endpoint.key_number != standing.key_number else ""
            standing = endpoint
    return _page(request, form, standing, secret=secret)


@require_POST
@require(Permission.POLICY_MANAGE)
def renew_secret(request: HttpRequest, org: str) -> HttpResponse:
    """Sign with a new secret from now on, and show it."""
    endpoint = _standing().renew_secret(by=request.actor)  # type: ignore[attr-defined]
    return _page(request, WebhookForm(initial={"url": endpoint.url}), endpoint, secret=endpoint.secret)


@require_POST
@require(Permission.POLICY_MANAGE)
def test(request: HttpRequest, org: str) -> HttpResponse:
    """Send a test message now, and say what the receiver answered."""
    endpoint = _standing()
    form = WebhookForm(initial={"url": endpoint.url})
    if not may_call(request):
        return _page(request, form, endpoint, answer=Answer(None, TOO_MANY), status=429)
    return _page(request, form, endpoint, answer=webhook.ping(endpoint))


@require_POST
@require(Permission.POLICY_MANAGE)
def turn_off(request: HttpRequest, org: str) -> HttpResponse:
    """Send nothing more there."""
    _standing().turn_off(by=request.actor)  # type: ignore[attr-defined]
    toast(request, "The webhook is off")
    return redirect_or_refresh(request, reverse("org:notices:webhook", kwargs={"org": org}))


def _page(
    request: HttpRequest,
    form: WebhookForm,
    standing: WebhookEndpoint | None,
    *,
    secret: str = "",
    answer: Answer | None = None,
    status: int = 0,
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "endpoint": standing, "secret": secret, "answer": answer}
    return page(request, "notices/webhook.html", context, status=status or (422 if form.errors else 200))


def _standing() -> WebhookEndpoint:
    found = WebhookEndpoint.standing()
    if found is None:
        raise Http404
    return found
