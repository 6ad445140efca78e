"""How the vault's pages are pictured."""

from testing.pictures.registry import EVERY, LIGHT, MANAGER, SMALL, picture

picture("vault", MANAGER, "vault:index", looks=EVERY)
picture("vault-paper", MANAGER, "vault:paper", {"paper": "paper"}, looks=(LIGHT, SMALL))
picture("vault-add", MANAGER, "vault:add")
picture("vault-describe", MANAGER, "vault:describe", {"paper": "paper"})
picture("vault-offers", MANAGER, "vault:offers")
picture("vault-controls", MANAGER, "vault:controls")
