"""The small files joined into one sheet and one script."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from web import bundles


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "js").mkdir()
    monkeypatch.setattr(bundles, "SOURCES", tmp_path)
    return tmp_path / "js"


def test_every_sheet_is_in_it_and_the_order_of_the_layers_comes_first() -> None:
    text = bundles.style_sheet()
    assert re.search(r"@layer[^;{]*[;{]", text)[0] == "@layer tokens, base, layout, components, utilities, print;"  # type: ignore[index]
    for name in bundles.SHEETS:
        assert (bundles.SOURCES / "css" / f"{name}.css").read_text() in text


def test_every_module_is_in_it_once_and_none_is_fetched() -> None:
    text = bundles.script()
    names = re.findall(r'^"([\w-]+\.js)": \(\) => \{$', text, re.MULTILINE)
    assert names == sorted(path.name for path in (bundles.SOURCES / "js").glob("*.js"))
    assert not re.search(r"^\s*(import|export)\b|import\(", text, re.MULTILINE)
    assert set(re.findall(r'load\("([^"]+)"\)', text)) == set(names)


def test_imports_and_exports_become_calls(sources: Path) -> None:
    (sources / "say.js").write_text("// Says.\nexport const say = (text) => text;\n")
    (sources / "main.js").write_text('// Begins.\nimport { say } from "./say.js";\nsay("x");\nimport("./say.js");\n')
    text = bundles.script()
    assert '"main.js": () => {\n// Begins.\nconst { say } = load("say.js");\nsay("x");\nload("say.js");\n' in text
    assert '"say.js": () => {\n// Says.\nconst say = (text) => text;\nreturn { say };\n}' in text


@pytest.mark.parametrize("line", ['import * as all from "./a.js";', "export default 3;", "import(name);"])
def test_a_form_that_joining_does_not_know_is_named_and_nothing_is_written(sources: Path, line: str) -> None:
    (sources / "main.js").write_text(f"// Begins.\n{line}\n")
    with pytest.raises(bundles.CannotBundle, match=r"main\.js"):
        bundles.script()


def test_a_changed_source_is_seen_at_the_next_look(sources: Path) -> None:
    (sources / "main.js").write_text("// First.\n")
    place = Path(str(finders.find("web/js/causeway.js")))
    assert "// First." in place.read_text()
    (sources / "main.js").write_text("// Second.\n")
    assert Path(str(finders.find("web/js/causeway.js"))) == place
    assert "// Second." in place.read_text()


def test_a_page_goes_compressed_to_whoever_takes_it(client: Client) -> None:
    plain = client.get("/accounts/login/")
    packed = client.get("/accounts/login/", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.content) < len(plain.content)
