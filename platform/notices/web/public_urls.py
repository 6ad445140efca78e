"""Pages outside any organization: how one is reminded, the link that stops a digest, the mailbox of a developer's machine."""

from django.urls import path

from notices.web.views import hooks, mailbox, reminded, unsubscribe

urlpatterns = [
    path("me/reminders/", reminded.reminded, name="reminded"),
    path("me/reminders/push", reminded.push_on, name="push_on"),
    path("me/reminders/push/<uuid:pk>/off", reminded.push_off, name="push_off"),
    path("me/reminders/push/<uuid:pk>/test", reminded.push_test, name="push_test"),
    path("push-worker.js", reminded.push_worker, name="push_worker"),
    path("n/<slug:org>/unsubscribe/<str:token>", unsubscribe.unsubscribe, name="unsubscribe"),
    path("hooks/mail/<slug:provider>", hooks.hook, name="mail_hook"),
    path("dev/mailbox", mailbox.messages, name="mailbox"),
    path("dev/mailbox/<str:entry>", mailbox.message, name="mailbox_message"),
    path("dev/mailbox/<str:entry>/html", mailbox.html, name="mailbox_html"),
]
