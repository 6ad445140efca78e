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
    sha256, level = hashlib.sha256, list(leaves)
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        level = [
            sha256(NODE + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)
        ] + odd
    return level[0]


def proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the hashes that lead from the leaf at `index` to the root, nearest first; raise IndexError outside."""
    if not 0 <= index < len(leaves):
        raise IndexError(f"No leaf {index} among {len(leaves)}.")
    path, level = [], list(leaves)
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(level[sibling])
        odd = level[-1:] if len(level) % 2 else []
        level = [root(pair) for pair in zip(level[::2], level[1::2], strict=False)] + odd
        index //= 2
    return path


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
