"""The vault: papers given once, reviewed once, and used as evidence at every site."""

from django.apps import AppConfig


class VaultConfig(AppConfig):
    """Papers, control sets, and the way of a paper between organizations."""

    name = "onboarding.vault"
    verbose_name = "Vault"

    def ready(self) -> None:
        """Declare the reminders, let offers follow the papers, and show the pages in the navigation."""
        from access.permissions import Permission
        from onboarding.vault import jobs, notices  # noqa: F401
        from onboarding.vault.actions.hand_over import follow
        from onboarding.vault.following import AFTER_REVIEW
        from onboarding.vault.web import search
        from web.navigation import ORGANIZATION, Entry, register

        AFTER_REVIEW.append(follow)
        search.enter()
        register(
            Entry(
                ORGANIZATION,
                "Vault",
                "lock",
                "vault:index",
                Permission.EVIDENCE_READ,
                order=30,
                key="v",
                host_only=True,
            )
        )
