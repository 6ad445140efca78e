"""Pages outside any organization's sign-in: the link that stops a digest, and the mailbox of a developer's machine."""

from django.urls import path

from notices.web.views import hooks, mailbox, unsubscribe

urlpatterns = [
    path("n/<slug:org>/unsubscribe/<str:token>", unsubscribe.unsubscribe, name="unsubscribe"),
    path("hooks/mail/<slug:provider>", hooks.hook, name="mail_hook"),
    path("dev/mailbox", mailbox.messages, name="mailbox"),
    path("dev/mailbox/<str:entry>", mailbox.message, name="mailbox_message"),
    path("dev/mailbox/<str:entry>/html", mailbox.html, name="mailbox_html"),
]
