"""How the pages of learners and training leads are pictured."""

from testing.pictures.registry import (
    DARK,
    LIGHT,
    MANAGER,
    NOBODY,
    OWNER,
    PRESCRIBER,
    SMALL,
    SMALL_DARK,
    picture,
    unpictured,
)
from training.learning.models import LiveSession, LmsImport


def live_session(demo: object) -> LiveSession:
    """The drill that is planned in the demo."""
    return LiveSession.objects.for_page()[0]


ASSIGNMENT = {"assignment": "assignment"}
LEAD = "training.lead"

picture("my-learning", PRESCRIBER, "learning:mine", looks=(LIGHT, SMALL, SMALL_DARK))
picture("my-course", PRESCRIBER, "learning:course", ASSIGNMENT, looks=(LIGHT, SMALL))
picture("lesson", PRESCRIBER, "learning:lesson", {**ASSIGNMENT, "lesson": "lesson"}, looks=(SMALL, SMALL_DARK))
picture("observations", LEAD, "learning:observations")
picture("observe", LEAD, "learning:observe", {"assignment": "observable"}, looks=(LIGHT, SMALL))
picture("readiness", MANAGER, "training:coverage", looks=(LIGHT, DARK))
picture("training-after-go-live", MANAGER, "training:decay", looks=(LIGHT, DARK, SMALL))
picture("learners", MANAGER, "training:people")
picture("learner-new", MANAGER, "training:new_learner")
picture("learners-import", MANAGER, "training:import_people")
picture("assignment", MANAGER, "training:assignment", ASSIGNMENT)
picture("exemptions", OWNER, "training:exemptions")
picture("tool-access", MANAGER, "training:access")
picture("training-rules", MANAGER, "training:rules")
picture("training-rule-new", MANAGER, "training:new_rule")
picture("courses", MANAGER, "training:courses")
picture("course", MANAGER, "training:course", {"version": "course"})
picture(
    "course-preview", MANAGER, "training:preview", {"version": "course", "lesson": "first_lesson"}, looks=(LIGHT, SMALL)
)
picture("course-upload", MANAGER, "training:upload_course")
picture("course-draft", MANAGER, "training:draft", {"draft": "course_draft"})
picture("course-draft-lesson", MANAGER, "training:draft_lesson", {"draft": "course_draft", "lesson": "draft_lesson"})
picture(
    "certificate-verified",
    NOBODY,
    "verify_certificate",
    within=False,
    at=lambda demo: f"/v/{demo.org}/{demo.certificate_code}/",
    looks=(LIGHT, SMALL),
)
picture("learner", MANAGER, "training:learner", {"learner": lambda demo: demo.assignment.learner_id})
picture("support", MANAGER, "training:support")
picture("support-log", "superuser.lead", "learning:support", looks=(SMALL,))
picture("shifts", MANAGER, "training:shifts", {"deployment": "live"})
picture("other-systems", MANAGER, "training:lms_imports")
picture("other-system", MANAGER, "training:lms_import", {"taken": lambda demo: LmsImport.objects.get()})
picture("training-release", MANAGER, "training:release", {"deployment": "live"})
picture("live-sessions", MANAGER, "training:sessions")
picture("live-session-new", MANAGER, "training:new_session")
picture("live-session", MANAGER, "training:session", {"session": live_session}, looks=(LIGHT, SMALL))
picture("my-live-sessions", "superuser.lead", "learning:sessions", looks=(LIGHT, SMALL))
picture("attendance", LEAD, "learning:attendance", {"session": live_session}, looks=(SMALL,))
unpictured("learning:review", "a card, as in the picture of the lesson")
unpictured("learning:session_calendar", "a file")
unpictured("learning:next", "leads to the lesson")
for _name in ("learning:media", "training:media", "training:draft_media"):
    unpictured(_name, "a picture or a film, part of the lesson")
