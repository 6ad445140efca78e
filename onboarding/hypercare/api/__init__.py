"""Endpoints of hypercare."""
