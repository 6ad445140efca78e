"""The cross-tenant suite: every address, method, role and tenant, with one wall or both (docs/security/isolation.md)."""
