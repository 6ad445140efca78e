"""A mail of a few words: the text as it is written, and the same words in the product's look."""

import re
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

LINK = re.compile(r"https?://\S+")
CODE = re.compile(r"[A-Z0-9]{4}-[A-Z0-9]{4}|\d{6}")


def dressed(title: str, text: str, action: str = "") -> str:
    """Return a text as HTML: a paragraph that is a link becomes a button (`action`, else the title), the last one the foot."""
    parts = [_part(paragraph) for paragraph in re.split(r"\n\s*\n", text.strip())]
    context = {"title": title, "parts": parts[:-1], "last": parts[-1], "action": action}
    return render_to_string("web/mail/words.html", context, using="jinja2")


def letter(
    subject: str, paragraphs: list[str], *, to: str, action: str = "", headers: dict[str, str] | None = None
) -> EmailMultiAlternatives:
    """Return a message of these paragraphs, the last of which stands at the foot."""
    title, text = " ".join(subject.split()), "\n\n".join(paragraphs)
    message = EmailMultiAlternatives(subject=title, body=text, to=[to], headers=headers)
    message.attach_alternative(dressed(title, text, action), "text/html")
    return message


def _part(text: str) -> dict[str, Any]:
    kind = "link" if LINK.fullmatch(text) else "code" if CODE.fullmatch(text) else "words"
    return {"kind": kind, "text": text}
