"""Pages below `/o/<org>/admin/`."""

from django.urls import path

from notices.web.views import deliveries, jobs, policy

app_name = "notices"
urlpatterns = [
    path("admin/reminders/", policy.policy, name="policy"),
    path("admin/deliveries/", deliveries.deliveries, name="deliveries"),
    path("admin/deliveries/<uuid:pk>/resend", deliveries.resend, name="resend"),
    path("admin/jobs/", jobs.jobs, name="jobs"),
    path("admin/jobs/<uuid:pk>/rerun", jobs.rerun, name="rerun_job"),
]
