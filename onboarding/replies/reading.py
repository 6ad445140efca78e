"""What a person wrote, cut out of the message it came in: no quotes, no signature, no attachment."""

import re
from dataclasses import dataclass
from email.message import EmailMessage, MIMEPart
from html.parser import HTMLParser

MARK = "Write your answer above this line"
"""Stands in our messages; whatever follows it was not written by the person."""
QUOTE = re.compile(
    r"""^\s*(?:
        >.*
      | -{2,}\s*(?:original\s+message|forwarded\s+message|ursprüngliche\s+nachricht|mensaje\s+original)\s*-{2,}.*
      | _{10,}
      | (?:on|am|el|le)\b.{0,200}\b(?:wrote|schrieb|escribió|a\s+écrit)\b.{0,100}:
      | (?:from|von|de):\s.*@.*
      | .*write\s+your\s+answer\s+above\s+this\s+line.*
    )\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
SIGNATURE = re.compile(r"^--\s?$|^Sent from my \w+|^Get Outlook for ")
MOST_READ = 200_000
"""Characters of a message that are looked at: a person's words stand at its beginning, and an answer has at most 4,000."""
LONGEST_QUOTE = 1000
"""Characters of a line that can be the head of a quote. The rules above grow with the square of a line's length."""
BLOCKS = {"p", "div", "br", "li", "tr", "h1", "h2", "h3"}
UNSEEN = {"style", "script", "head", "title", "blockquote"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a message says, and the names of the files that came with it."""

    text: str
    attachments: tuple[str, ...]


def answer(message: EmailMessage) -> Answer:
    """Return what the person wrote; plain text where there is some, else the words of the HTML."""
    plain = message.get_body(("plain",))
    rich = message.get_body(("html",))
    text = _content(plain) if plain is not None else _words(_content(rich)[:MOST_READ]) if rich is not None else ""
    bodies = {id(part) for part in (plain, rich) if part is not None}
    attached = []
    for part in message.walk():
        words = id(part) in bodies or part.get_content_type() in ("text/plain", "text/html")
        if part.is_multipart() or (words and part.get_content_disposition() != "attachment"):
            continue
        attached.append(str(part.get_filename() or "a file without a name"))
    return Answer(cut(text), tuple(attached))


def cut(text: str) -> str:
    """Return the lines above the first quote or signature. A reply that begins with its quote keeps what follows it."""
    lines = _joined(text[:MOST_READ].replace("\r\n", "\n").replace("\0", " ").split("\n"))
    kept = _above(lines)
    if not kept:
        kept = [line for line in lines if not _quotes(line)] if not any(MARK in line for line in lines) else []
        kept = _above(kept)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in kept)).strip()


def _above(lines: list[str]) -> list[str]:
    for number, line in enumerate(lines):
        if _quotes(line) or SIGNATURE.match(line):
            return [line for line in lines[:number] if line.strip()] and lines[:number]
    return lines


def _quotes(line: str) -> bool:
    return line.lstrip().startswith(">") or (len(line) <= LONGEST_QUOTE and QUOTE.match(line) is not None)


def _joined(lines: list[str]) -> list[str]:
    """Put "On … wrote:" back on one line where a mail program broke it in two."""
    out: list[str] = []
    for line in lines:
        if (
            out
            and max(len(out[-1]), len(line)) <= LONGEST_QUOTE
            and re.match(r"^\s*(?:on|am)\b", out[-1], re.IGNORECASE)
            and re.search(r"(?:wrote|schrieb).*:\s*$", line)
        ):
            out[-1] = f"{out[-1].rstrip()} {line.lstrip()}"
        else:
            out.append(line)
    return out


def _content(part: MIMEPart) -> str:
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError):  # a charset that nobody knows
        raw = part.get_payload(decode=True)
        return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else ""


class _Text(HTMLParser):
    """The words of an HTML message; quoted blocks and what nobody sees are left out."""

    def __init__(self) -> None:
        super().__init__()
        self.out: list[str] = []
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line, or a part that is left out."""
        quoted = any(name == "class" and "gmail_quote" in (value or "") for name, value in attrs)
        if self._hidden:
            if tag == self._hidden[0]:
                self._hidden.append(tag)
        elif tag in UNSEEN or quoted:
            self._hidden.append(tag)
        elif tag in BLOCKS:
            self.out.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End a part that is left out."""
        if self._hidden and tag == self._hidden[0]:
            self._hidden.pop()

    def handle_data(self, data: str) -> None:
        """Keep what is seen."""
        if not self._hidden:
            self.out.append(data)


def _words(html: str) -> str:
    parser = _Text()
    parser.feed(html)
    return "".join(parser.out)
