"""Text that people write: CommonMark with tables, cleaned so that nothing but prose gets through."""

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_READER = MarkdownIt("commonmark", {"html": False, "typographer": False}).enable("table")
TAGS = frozenset(
    [
        "a",
        "blockquote",
        "br",
        "code",
        "del",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "th": {"scope"}}
SCHEMES = {"http", "https", "mailto", "tel"}


def markdown(text: str | None, level: int = 3) -> Markup:
    """Render Markdown as safe HTML; its first heading level becomes `level`, so that a page keeps one outline.

    HTML in the text is shown as text; styles, scripts, images and `javascript:` addresses do not survive.
    """
    if not text:
        return Markup("")
    tokens = _READER.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + level - 1, 6)}"
    html = _READER.renderer.render(tokens, _READER.options, {})
    return Markup(  # noqa: S704 - cleaned in this line
        nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener noreferrer nofollow")
    )
