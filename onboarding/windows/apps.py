"""Windows: reports and filings that must be handed in between two days, each relative to what came before."""

from django.apps import AppConfig


class WindowsConfig(AppConfig):
    """Chains of windows, their reminders, and the job that notes what was missed."""

    name = "onboarding.windows"
    verbose_name = "Windows"

    def ready(self) -> None:
        """Declare the reminders and the nightly job, and show the pages."""
        from access.permissions import Permission
        from onboarding.windows import jobs, notices  # noqa: F401
        from web.navigation import WORK, Entry, register

        register(Entry(WORK, "Windows", "cal", "windows:list", Permission.COMMENT_INTERNAL, order=47, host_only=True))
