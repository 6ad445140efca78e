"""Which addresses Causeway may call on somebody's word: public ones alone, and exactly the one that was looked at.

A name is resolved once, every address behind it must be public, and the connection goes to the address that was checked: a
name that answers differently the second time leads nowhere else (DNS rebinding). No redirect is followed.
"""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

PORTS = frozenset({443, 8443})
TUNNELS = tuple(ipaddress.ip_network(network) for network in ("2002::/16", "2001::/32"))
"""Public IPv6 that carries an IPv4 address inside, which may be a private one (6to4, Teredo)."""
GIVEN_OUT = ipaddress.ip_network("2000::/3")
"""All of IPv6 that is given out for the public internet (IANA); the rest is for sites and links, translates, or is nobody's yet."""


class AddressRefused(ValueError):
    """An address may not be called; the message says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect, and what to ask for there."""

    host: str
    port: int
    address: str
    path: str
    tls: bool


def resolve(url: str) -> Target:
    """Return the one public address behind a URL; raise AddressRefused. Asks the name server.

    With `WEBHOOK_LOCAL`, for tests against a server of one's own, this machine may be called without TLS.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefused("That is no address.") from None
    local = settings.WEBHOOK_LOCAL
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        raise AddressRefused("Give an address that begins with https://.")
    if not parts.hostname or parts.username is not None or parts.password is not None:
        raise AddressRefused("Give an address with a host, without name and password in it.")
    if any(character <= " " or character == "\x7f" for character in url):
        raise AddressRefused("That is no address.")
    port = port or (443 if parts.scheme == "https" else 80)
    if port not in PORTS and not local:
        raise AddressRefused("Only the ports 443 and 8443 are called.")
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        found = []
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not (local or all(is_public(address) for address in addresses)):
        # One sentence for both: whoever asks does not learn which names the network inside knows.
        raise AddressRefused(f"{parts.hostname} leads to no address on the public internet.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.hostname, port, addresses[0], path, parts.scheme == "https")


def is_public(text: str) -> bool:
    """Whether an IP address lies on the public internet; what carries another address inside does not count as such."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(str(address.ipv4_mapped))
        if address not in GIVEN_OUT or any(address in network for network in TUNNELS):
            return False
    return address.is_global and not address.is_multicast
