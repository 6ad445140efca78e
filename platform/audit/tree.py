"""The hash tree of RFC 6962 (section 2.1): leaves and nodes are told apart by a prefix, proofs grow with the logarithm."""

import hashlib
from collections.abc import Sequence

LEAF, NODE, HEAD = b"\x00", b"\x01", b"\x02"
NOTHING = bytes(32)
"""The head before the first batch."""


def leaf(salt: bytes, canonical: bytes) -> bytes:
    """Return the hash of one event."""
    return hashlib.sha256(LEAF + salt + canonical).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over the leaves' hashes; of no leaves, the hash of nothing."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        level = _above(level)
    return level[0]


def levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """Return the whole tree, level by level from its leaves to its root: whoever wants many proofs makes it once."""
    found = [list(leaves)]
    while len(found[-1]) > 1:
        found.append(_above(found[-1]))
    return found


def path(levels: Sequence[Sequence[bytes]], index: int) -> list[bytes]:
    """Return the hashes that lead from the leaf at `index` to the root, nearest first; raise IndexError outside."""
    size = len(levels[0])
    if not 0 <= index < size:
        raise IndexError(f"No leaf {index} among {size}.")
    found = []
    for level in levels[:-1]:
        sibling = index ^ 1
        if sibling < len(level):
            found.append(level[sibling])
        index //= 2
    return found


def _above(level: list[bytes]) -> list[bytes]:
    sha256, odd = hashlib.sha256, level[-1:] if len(level) % 2 else []
    return [sha256(NODE + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)] + odd


def leads_to(found: bytes, index: int, size: int, path: Sequence[bytes], expected: bytes) -> bool:
    """Whether the proof leads from the leaf hash `found`, at `index` of `size`, to the root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    last, steps = size - 1, list(path)
    while last:
        if index % 2 or index < last:
            if not steps:
                return False
            sibling = steps.pop(0)
            found = root([sibling, found] if index % 2 else [found, sibling])
        index, last = index // 2, last // 2
    return not steps and found == expected
