"""What does not fit into memory is refused in words, with the largest number that fits."""

from __future__ import annotations

import psutil
import pytest
import torch

from upright import memory

CPU = torch.device("cpu")


def test_the_free_memory_is_some_and_not_more_than_there_is() -> None:
    assert 0 < memory.free(CPU) < psutil.virtual_memory().total


def test_what_fits_is_let_through_and_what_does_not_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free", lambda device: 10_000_000_000)
    memory.check(10, 1_000_000_000, "agents", CPU)
    with pytest.raises(MemoryError, match=r"11 agents need about 11\.0 GB, and cpu has 10\.0 GB free; at most 10 fit"):
        memory.check(11, 1_000_000_000, "agents", CPU)
