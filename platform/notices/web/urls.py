"""Pages below `/o/<org>/admin/`."""

from django.urls import path

from notices.web.views import deliveries, jobs, messages, policy, suppressions

app_name = "notices"
urlpatterns = [
    path("admin/reminders/", policy.policy, name="policy"),
    path("admin/deliveries/", deliveries.deliveries, name="deliveries"),
    path("admin/deliveries/suppressed/", suppressions.suppressions, name="suppressions"),
    path("admin/deliveries/suppressed/<uuid:pk>/lift", suppressions.lift, name="lift_suppression"),
    path("admin/deliveries/<uuid:pk>/", deliveries.delivery, name="delivery"),
    path("admin/deliveries/<uuid:pk>/resend", deliveries.resend, name="resend"),
    path("messages/", messages.mine, name="my_messages"),
    path("admin/jobs/", jobs.jobs, name="jobs"),
    path("admin/jobs/<uuid:pk>/rerun", jobs.rerun, name="rerun_job"),
]
