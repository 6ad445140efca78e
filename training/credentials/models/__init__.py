"""What a credit provider needs to know of a person."""

from training.credentials.models.credit_details import CreditDetails

__all__ = ["CreditDetails"]
