"""Addresses of plans, below `/o/<org>/`."""

from django.urls import include, path

from onboarding.plans.web.views import boards, calendar_days, feed, load, moving, moving_many, timeline, waves

app_name = "plans"

deployment_urls = [
    path("board/", boards.board, name="board"),
    path("board/<str:item>/move/", boards.card, name="card"),
    path("calendar/", boards.month, name="calendar"),
    path("timeline/", timeline.timeline, name="timeline"),
    path("move/", moving.move, name="move"),
    path("forward/", moving.forward, name="forward"),
    path("moves/<uuid:move>/undo", moving.undo, name="undo"),
    path("commit", moving.commit, name="commit"),
]

program_urls = [
    path("timeline/", waves.timeline, name="program_timeline"),
    path("waves/", waves.index, name="waves"),
    path("waves/<uuid:wave>/rules", waves.rules, name="wave_rules"),
    path("waves/<uuid:wave>/lessons", waves.learn, name="lesson_learn"),
    path("waves/<uuid:wave>/<str:do>", waves.run, name="wave_run"),
    path("lessons/<uuid:lesson>/take-up", waves.take_up, name="lesson_take_up"),
]

urlpatterns = [
    path("programs/<uuid:program>/", include(program_urls)),
    path("go-lives/move/", moving_many.move_many, name="move_many"),
    path("workload/", load.index, name="workload"),
    path("workload/<uuid:person>", load.capacity, name="capacity"),
    path("calendar-link/", feed.mine, name="feed"),
    path("calendar-link/make", feed.make, name="feed_make"),
    path("calendar-link/revoke", feed.revoke, name="feed_revoke"),
    path("deployments/<uuid:deployment>/", include(deployment_urls)),
    path("closed-days/", calendar_days.closed_days, name="closed_days"),
    path("closed-days/<uuid:day>/open", calendar_days.open_day, name="day_open"),
    path("blackouts/", calendar_days.add_blackout, name="blackouts"),
    path("blackouts/<uuid:period>/remove", calendar_days.remove_blackout, name="blackout_remove"),
]
