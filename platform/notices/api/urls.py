"""Addresses of messages and of the policy behind them."""

from django.urls import path

from notices.api.messages import MessageViewSet
from notices.api.policy import ReminderPolicyViewSet

urlpatterns = [
    path("reminder-policy", ReminderPolicyViewSet.as_view({"get": "show", "post": "change"})),
    path("reminder-policy/preview", ReminderPolicyViewSet.as_view({"get": "preview", "post": "try_out"})),
    path("messages", MessageViewSet.as_view({"get": "list"})),
    path("messages/<uuid:pk>", MessageViewSet.as_view({"get": "retrieve"})),
]
