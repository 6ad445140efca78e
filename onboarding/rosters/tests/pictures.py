"""How the pages of sites and their import are pictured."""

from testing.pictures.registry import LIGHT, MANAGER, SMALL, picture

picture("sites", MANAGER, "sites:list", looks=(LIGHT, SMALL))
picture("site", MANAGER, "sites:show", {"site": "site"})
picture("site-add", MANAGER, "sites:add")
picture("site-edit", MANAGER, "sites:edit", {"site": "site"})
picture("site-close", MANAGER, "sites:close", {"site": "site"})
picture("imports", MANAGER, "imports:list")
picture("import", MANAGER, "imports:show", {"roster": "roster"})
picture("import-columns", MANAGER, "imports:columns", {"roster": "roster"})
