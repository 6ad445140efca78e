"""One assigned course: its modules, the signature at its end, and the page that stays when it is finished."""

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from access.permissions import Permission
from access.require import require
from training.courses.models.translation import spoken
from training.learning.actions.answer_quiz import attest, text_to_sign
from training.learning.models import Attestation, Completion
from training.learning.models.attestation import NotSigned, wording
from training.learning.web.media import show_media
from training.learning.web.outline import Outline
from training.learning.web.own import own_assignment
from web.forms import Form
from web.language import speaks
from web.render import page, redirect_or_refresh


class SignForm(Form):
    """The learner's name, typed."""

    typed_name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=120,
        help_text=gettext_lazy("Typing your name signs the text above. Time and device are kept with it."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": gettext_lazy("Type your name to sign.")},
    )


@require_safe
@require(Permission.TRAINING_LEARN)
@speaks
def course(request: HttpRequest, org: str, assignment: UUID) -> HttpResponse:
    """Show the course with everything that is done and to do."""
    found = own_assignment(request, assignment)
    completion = (
        Completion.objects.filter(user_id=found.user_id, course_id=found.course_id, revoked_at=None)
        .newest_first()
        .first()
    )
    certificate = ""
    if completion and completion.kind == Completion.Kind.PASSED:
        certificate = reverse("org:credentials:certificate", kwargs={"org": org, "completion": completion.pk})
    context = {"outline": Outline(found, org), "completion": completion, "certificate": certificate}
    return page(request, "learning/course.html", context)


@require_safe
@require(Permission.TRAINING_LEARN)
def go_on(request: HttpRequest, org: str, assignment: UUID) -> HttpResponse:
    """Open what is to be done next, the lesson itself, at the step where the learner stopped: where mails lead."""
    outline = Outline(own_assignment(request, assignment), org)
    return HttpResponseRedirect(outline.next.address if outline.next else outline.address("course"))


@require_safe
@require(Permission.TRAINING_LEARN)
@speaks
def media(request: HttpRequest, org: str, assignment: UUID, name: str) -> HttpResponseBase:
    """Show a picture, a video or captions of the course, in the learner's language where it has its own."""
    found = own_assignment(request, assignment)
    return show_media(request, name, spoken(found.version).content, found.version.content)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.TRAINING_LEARN)
@speaks
def attestation(request: HttpRequest, org: str, assignment: UUID) -> HttpResponse:
    """Show the text, and take the signature."""
    found = own_assignment(request, assignment)
    outline = Outline(found, org)
    wanted = outline.content.attestation
    if wanted is None or Attestation.of(found) or outline.missing.lessons:
        return HttpResponseRedirect(outline.address("course"))
    text = text_to_sign(found)
    form = SignForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            attest(
                found,
                typed_name=form.cleaned_data["typed_name"],
                address=request.META.get("REMOTE_ADDR") or None,
                device=request.headers.get("User-Agent", ""),
                seen=request.POST.get("seen"),
                by=request.actor,  # type: ignore[attr-defined]
            )
            return redirect_or_refresh(request, outline.address("course"))
        except NotSigned as refused:
            form.add_error("typed_name", str(refused))
    context = {"outline": outline, "title": wanted.title, "text": text, "seen": wording(text), "form": form}
    return page(request, "learning/attestation.html", context, status=422 if form.errors else 200)
