"""A sample that anybody can draw again: from the seed and the population, and from nothing else."""

import hashlib
import secrets
from collections.abc import Collection
from uuid import UUID


def new_seed() -> str:
    """Return 64 random bits in hexadecimal digits."""
    return secrets.token_hex(8)


def draw(population: Collection[UUID], size: int | None, seed: str) -> list[UUID]:
    """Return `size` members of the population (all of them without a size), whatever the order in which it is given.

    Each member is placed by SHA-256 over "<seed>:<id>"; the first ones are the sample. So a sample of 20 begins with the
    sample of 10 by the same seed, and no program but a hash is needed to repeat it.
    """
    placed = sorted(set(population), key=lambda one: hashlib.sha256(f"{seed}:{one}".encode()).digest())
    return placed if size is None else placed[:size]


def digest(population: Collection[UUID]) -> str:
    """Return the SHA-256 over the ids in ascending order, a line each: what the sample was drawn from."""
    return hashlib.sha256("".join(f"{one}\n" for one in sorted(set(population))).encode()).hexdigest()
