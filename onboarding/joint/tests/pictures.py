"""How the pages of joint programs are pictured."""

from typing import Any

from django.urls import reverse

from onboarding.joint.models import JointProgram, OwnPlace
from tenancy.scope import scope
from testing.pictures.registry import LIGHT, MANAGER, SMALL, picture

LEADER = "implementation.manager@hub.example"


def at_the_hub(demo: Any) -> str:
    """Return where the hub leads the waves that the host is in."""
    leader = OwnPlace.objects.select_related("leader").order_by("pk")[0].leader
    with scope(leader.pk):
        program = JointProgram.objects.order_by("pk")[0]
    return reverse("org:joint:program", kwargs={"org": leader.slug, "program": program.pk})


picture("joint", MANAGER, "joint:index", looks=(LIGHT, SMALL))
picture("joint-program", LEADER, "joint:program", at=at_the_hub, looks=(LIGHT, SMALL))
