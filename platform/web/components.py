"""The component library as one name: `ui.button(...)` finds the macro `button` in templates/web/components/.

A global and not an import in each template: what a template imports at its top does not exist when one of its blocks
is rendered alone as a fragment.
"""

from pathlib import Path
from typing import Any

import jinja2

FOLDER = Path(__file__).parent / "templates" / "web" / "components"


class Components:
    """Looks macros up by name, one index for all component files."""

    def __init__(self, env: jinja2.Environment) -> None:
        """Bind to an environment; files are compiled when first used."""
        self._env = env
        self._homes: dict[str, str] = {}

    def __getattr__(self, name: str) -> Any:
        """Return the macro. Raises AttributeError, naming it, when no component file has one."""
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._homes:
            self._index()
        if name not in self._homes:
            raise AttributeError(f"no component is called {name!r}; see templates/web/components/")
        macro = getattr(self._env.get_template(self._homes[name]).module, name)
        if not self._env.auto_reload:
            setattr(self, name, macro)  # found without this method from now on
        return macro

    def _index(self) -> None:
        for path in sorted(FOLDER.glob("*.html")):
            template = f"web/components/{path.name}"
            for name in self._env.get_template(template).module.__dict__:
                if name.startswith("_"):
                    continue
                if self._homes.setdefault(name, template) != template:
                    raise ValueError(f"component {name!r} is defined in {self._homes[name]} and in {template}")
