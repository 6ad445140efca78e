"""Series of windows."""

from onboarding.windows.models.series import Series, SeriesRefused
from onboarding.windows.models.window import Window

__all__ = ["Series", "SeriesRefused", "Window"]
