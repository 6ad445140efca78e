"""Endpoints of messages."""
