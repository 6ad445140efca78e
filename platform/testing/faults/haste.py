"""Shorter leases and waits for a fault run that must end soon; the proportions between them stay."""

from dataclasses import replace
from datetime import timedelta

from audit import timer
from notices import claim, delivery, engine, outcomes


def hurry() -> None:
    """Make this process recover in a few seconds."""
    claim.LEASE = timedelta(seconds=4)
    claim.MARGIN = timedelta(seconds=2)
    engine.MARGIN = claim.MARGIN  # type: ignore[attr-defined] # it has the name from there
    delivery.SMTP_TIMEOUT = 1.5  # type: ignore[assignment] # whole seconds elsewhere
    outcomes.FIRST_WAIT, engine.PATIENCE = timedelta(seconds=1), timedelta(seconds=6)
    engine.SWEEP_SECONDS = 6  # the next sweep may come a second later
    timer._turns["reminder sweep"] = replace(timer._turns["reminder sweep"], seconds=1.5)
