"""Where one is signed in, and ending it."""

from allauth.usersessions.models import UserSession
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from web.render import toast


@login_required
@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """End one of one's own sessions."""
    number = request.POST.get("session", "")
    session = get_object_or_404(UserSession, pk=number if number.isdigit() else 0, user=request.user)
    session.end()
    toast(request, "Session ended")
    return redirect("accounts:me")


@login_required
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """End every session but this one."""
    others = UserSession.objects.filter(user=request.user).exclude(session_key=request.session.session_key)
    for session in others:
        session.end()
    toast(request, "All other sessions ended")
    return redirect("accounts:me")
