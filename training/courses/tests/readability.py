"""Flesch-Kincaid grade of plain text: 0.39 words per sentence + 11.8 syllables per word - 15.59."""

import re

from training.courses.shape import Lesson, fill


def syllables(word: str) -> int:
    """Vowel groups without a silent e; an acronym is spelled out."""
    if word.isupper() and len(word) > 1:
        return len(word)
    word = word.lower()
    silent = re.search(r"[^aeiouyl]e$|[^aeioutd]ed$|[^aeiouyscxz]es$", word)
    apart = re.findall(r"(?<![cst])ia|io(?!n)|eo(?!p)|(?<=s)ui", word)
    return max(1, len(re.findall(r"[aeiouy]+", word)) + len(apart) - bool(silent))


def grade(text: str) -> float:
    """The school grade that can read ``text``; a line that does not end in a stop ends there."""
    sentences = [part for part in re.split(r"[.!?]+[\s\"*)]|\n", text) if re.search(r"[A-Za-z]{2}", part)]
    words = re.findall(r"[A-Za-z]+(?:'[a-z]+)?", " ".join(sentences))
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def prose(lesson: Lesson, values: dict[str, str]) -> str:
    """What the learner reads, without marks."""
    parts = [part for card in lesson.cards for block in card.blocks for part in (block.title, block.markdown)]
    return re.sub(r"[*_`>#]|^ *(-|\d+\.) ", "", fill("\n".join(parts), values), flags=re.MULTILINE)
