"""How the pages of money are pictured."""

from testing.pictures.registry import DARK, LIGHT, OWNER, SMALL, picture

FINANCE = "finance.director"

picture("money", FINANCE, "billing:overview", looks=(LIGHT, SMALL))
picture("contract", FINANCE, "billing:contract", {"contract": "contract"}, looks=(LIGHT, DARK))
picture("contract-new", OWNER, "billing:draft_contract")
picture("statement", FINANCE, "billing:statement", {"statement": "statement"}, looks=(LIGHT, SMALL))
picture("statement-correct", OWNER, "billing:correct_line", {"statement": "statement", "line": "line"})
