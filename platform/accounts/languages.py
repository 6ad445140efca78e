"""The languages in which people are written to, and which way languages are written."""

from django.conf import settings

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ps", "sd", "ur", "yi"})


def known(chosen: str) -> str:
    """Return a language that there are words for; English where there are none."""
    return chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def written(tag: str) -> str:
    """Return `ltr` or `rtl` for the language of a tag, whether the product speaks it or not."""
    return "rtl" if tag.partition("-")[0] in RIGHT_TO_LEFT else "ltr"
