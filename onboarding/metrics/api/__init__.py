"""Endpoints of stage metrics."""
