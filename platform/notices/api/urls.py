"""Addresses of messages."""

from django.urls import path

from notices.api.messages import MessageViewSet

urlpatterns = [
    path("messages", MessageViewSet.as_view({"get": "list"})),
    path("messages/<uuid:pk>", MessageViewSet.as_view({"get": "retrieve"})),
]
