"""Passwords are hashed cheaply in this room's tests; what is tested about them does not depend on the cost."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from channel.access.service import signing

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(autouse=True, scope="session")
def cheap_hashes() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signing, "_hasher", CHEAP)
        yield
