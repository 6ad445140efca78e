"""What every answer must carry, whoever asks for whatever: checked by the header crawler and by the isolation suite."""

from collections.abc import Iterator
from typing import Any

UNSAFE = ("'unsafe-inline'", "'unsafe-eval'", "'unsafe-hashes'", "'strict-dynamic'", " *", " http:", " https:", "blob:")
SIGNED = {"messages"}
"""Cookies that another host may set, since nothing in them counts that we did not sign."""


def shortcomings(answer: Any) -> Iterator[str]:
    """Yield what is missing in an answer's headers, in words."""
    policy = answer.headers.get("Content-Security-Policy", "")
    if "default-src 'none'" not in policy:
        yield f"the content policy does not begin with nothing: {policy!r}"
    yield from (f"the content policy allows {word.strip()}" for word in UNSAFE if word in policy)
    if "sandbox" not in policy:
        yield from (
            f"the content policy leaves {name} open"
            for name in ("frame-ancestors", "base-uri", "form-action")
            if name not in policy
        )
    for name, wanted in (
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Referrer-Policy", "same-origin"),
    ):
        if answer.headers.get(name) != wanted:
            yield f"{name} is {answer.headers.get(name)!r}, not {wanted!r}"
    for cookie in answer.cookies.values():
        if cookie["samesite"] not in {"Lax", "Strict"}:
            yield f"the cookie {cookie.key} has SameSite {cookie['samesite']!r}"


def shortcomings_over_tls(answer: Any) -> Iterator[str]:
    """Yield what is missing besides where production's settings are in force."""
    promised = answer.headers.get("Strict-Transport-Security", "")
    if "max-age=31536000" not in promised or "includeSubDomains" not in promised:
        yield f"Strict-Transport-Security is {promised!r}"
    for cookie in answer.cookies.values():
        if cookie["max-age"] == 0:
            continue  # it is taken away and says nothing
        if not cookie["secure"]:
            yield f"the cookie {cookie.key} can be sent in the clear"
        if cookie.key not in SIGNED and not cookie.key.startswith("__Host-"):
            yield f"the cookie {cookie.key} can be set from another host"
        if "csrf" not in cookie.key and not cookie["httponly"]:
            yield f"the cookie {cookie.key} can be read by a script"
