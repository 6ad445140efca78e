"""Pages below `/o/<org>/admin/`."""

from django.urls import path

from notices.web.views import deliveries, engine, jobs, messages, mine, policy, suppressions, webhook, why

app_name = "notices"
urlpatterns = [
    path("notices/", mine.mine, name="mine"),
    path("notices/read", mine.read_all, name="read_all"),
    path("notices/digest", mine.digest, name="digest"),
    path("notices/<uuid:pk>/read", mine.read, name="read"),
    path("notices/<uuid:pk>/snooze", mine.snooze, name="snooze"),
    path("notices/snoozes/<uuid:pk>/end", mine.end_snooze, name="end_snooze"),
    path("admin/reminders/", policy.policy, name="policy"),
    path("admin/reminders/ways/", policy.ways, name="ways"),
    path("admin/reminders/webhook/", webhook.show, name="webhook"),
    path("admin/reminders/webhook/secret", webhook.renew_secret, name="webhook_secret"),
    path("admin/reminders/webhook/test", webhook.test, name="webhook_test"),
    path("admin/reminders/webhook/off", webhook.turn_off, name="webhook_off"),
    path("admin/deliveries/", deliveries.deliveries, name="deliveries"),
    path("admin/deliveries/suppressed/", suppressions.suppressions, name="suppressions"),
    path("admin/deliveries/suppressed/<uuid:pk>/lift", suppressions.lift, name="lift_suppression"),
    path("admin/deliveries/<uuid:pk>/", deliveries.delivery, name="delivery"),
    path("admin/deliveries/<uuid:pk>/resend", deliveries.resend, name="resend"),
    path("admin/deliveries/why/", why.why, name="why"),
    path("messages/why/", why.why_mine, name="why_mine"),
    path("messages/", messages.mine, name="my_messages"),
    path("admin/engine/", engine.engine, name="engine"),
    path("admin/engine/retry/<slug:kind>", engine.retry, name="retry"),
    path("admin/engine/follow-ups/<uuid:pk>/retry", engine.retry_reaction, name="retry_reaction"),
    path("admin/jobs/", jobs.jobs, name="jobs"),
    path("admin/jobs/<uuid:pk>/rerun", jobs.rerun, name="rerun_job"),
]
