"""What a browser would send back of a form on a page, unchanged."""

from html.parser import HTMLParser
from typing import Any


class _Forms(HTMLParser):
    """Collects the fields of every form, each list of values under its name."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[dict[str, str | None], dict[str, list[str]]]] = []
        self._inside = False
        self._name, self._text, self._options = "", [], []  # type: ignore[var-annotated]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.forms.append((given, {}))
            self._inside = True
        elif not self._inside or "disabled" in given:
            return
        elif tag == "input" and given.get("name") and given.get("type") not in ("submit", "file"):
            if given.get("type") not in ("checkbox", "radio") or "checked" in given:
                self._take(str(given["name"]), given.get("value") or ("on" if given.get("type") == "checkbox" else ""))
        elif tag in ("select", "textarea"):
            self._name, self._text, self._options = str(given.get("name") or ""), [], []
        elif tag == "option" and self._name:
            self._options.append((given.get("value") or "", "selected" in given))

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea" and self._name:
            self._take(self._name, "".join(self._text).removeprefix("\n"))
            self._name = ""
        elif tag == "select" and self._name:
            chosen = [value for value, selected in self._options if selected]
            self._take(self._name, *(chosen or [value for value, _ in self._options[:1]]))
            self._name = ""

    def _take(self, name: str, *values: str) -> None:
        self.forms[-1][1].setdefault(name, []).extend(values)


def filled(html: str, action: str | None = None) -> dict[str, Any]:
    """Return the fields of the page's form with that action (None: the one that posts to its own page)."""
    parser = _Forms()
    parser.feed(html)
    fields = next(
        found for given, found in parser.forms if given.get("method") == "post" and given.get("action") == action
    )
    return {name: values if len(values) > 1 else values[0] for name, values in fields.items()}
