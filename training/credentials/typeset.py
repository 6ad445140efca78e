"""Sets a document as a tagged PDF/UA-1, from left to right or from right to left, with the typefaces that ship with us."""

from collections.abc import Mapping
from pathlib import Path

import typst

FONTS = Path(__file__).parent / "fonts"
"""Arabic letters; those of the Latin alphabet are Typst's own."""


def typeset(source: Path, words: Mapping[str, str], *, timestamp: int | None = None) -> bytes:
    """Return the PDF that a Typst source makes of these words; `timestamp` (seconds) makes it the same to the byte."""
    made = typst.compile(
        source,
        format="pdf",
        sys_inputs=dict(words),
        pdf_standards="ua-1",
        ignore_system_fonts=True,
        font_paths=[FONTS],
        timestamp=timestamp,
    )
    assert isinstance(made, bytes)
    return made
