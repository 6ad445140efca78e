"""Adaptations over the API."""
