"""The API's one table."""

from api.models.idempotent_request import IdempotentRequest

__all__ = ["IdempotentRequest"]
