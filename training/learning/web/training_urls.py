"""Training as managers see it, below `/o/<org>/training/`."""

from django.urls import path

from training.learning.web.views import (
    access,
    assignments,
    course_drafts,
    courses,
    coverage,
    exemptions,
    learners,
    people,
    releases,
    rules,
)

app_name = "training"
urlpatterns = [
    path("", coverage.coverage, name="coverage"),
    path("people/", people.people, name="people"),
    path("people/new/", people.new, name="new_learner"),
    path("people/import/", people.from_file, name="import_people"),
    path("people/<uuid:learner>/", learners.learner, name="learner"),
    path("people/<uuid:learner>/move/", learners.move, name="move"),
    path("people/<uuid:learner>/leave/", learners.leave_on, name="leave"),
    path("deployments/<uuid:deployment>/release/", releases.release, name="release"),
    path("reminders/", people.remind, name="remind"),
    path("assignments/<uuid:assignment>/", assignments.assignment, name="assignment"),
    path("assignments/<uuid:assignment>/exemptions/", assignments.ask, name="ask_exemption"),
    path("assignments/<uuid:assignment>/withdrawal/", assignments.withdraw, name="withdraw"),
    path("completions/<uuid:completion>/revocation/", assignments.revoke, name="revoke"),
    path("exemptions/", exemptions.waiting, name="exemptions"),
    path("exemptions/<uuid:exemption>/decision/", exemptions.decide, name="decide_exemption"),
    path("rules/", rules.rules, name="rules"),
    path("rules/new/", rules.new, name="new_rule"),
    path("rules/<uuid:rule>/end/", rules.end, name="end_rule"),
    path("access/", access.access, name="access"),
    path("courses/", courses.courses, name="courses"),
    path("courses/adopt/", courses.adopt, name="adopt"),
    path("courses/upload/", course_drafts.upload, name="upload_course"),
    path("courses/drafts/<uuid:draft>/", course_drafts.draft, name="draft"),
    path("courses/drafts/<uuid:draft>/lessons/<slug:lesson>/", course_drafts.lesson, name="draft_lesson"),
    path("courses/drafts/<uuid:draft>/publication/", course_drafts.publish, name="publish_draft"),
    path("courses/drafts/<uuid:draft>/discard/", course_drafts.discard, name="discard_draft"),
    path("courses/<uuid:version>/file/", courses.download, name="download_course"),
    path("courses/<uuid:version>/", courses.course, name="course"),
    path("courses/<uuid:version>/lessons/<slug:lesson>/", courses.preview, name="preview"),
    path("courses/<uuid:version>/site-values/", courses.site_values, name="site_values"),
]
