"""How transcripts and credits are pictured."""

from testing.pictures.registry import LIGHT, MANAGER, PRESCRIBER, SMALL, picture

picture("transcript", PRESCRIBER, "credentials:transcript", looks=(LIGHT, SMALL))
picture("credit", PRESCRIBER, "credentials:credit", looks=(SMALL,))
picture("credits-report", MANAGER, "credentials:report")
