"""How much fits into the memory of a device: told before it is asked for."""

from __future__ import annotations

import psutil
import torch


def free(device: torch.device) -> int:
    """Bytes that the device, or the system for the processor, can still give."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    return int(psutil.virtual_memory().available)


def check(count: int, bytes_each: int, what: str, device: torch.device) -> None:
    """Raise MemoryError, with the largest number that fits, when `count` times `bytes_each` bytes are not free."""
    there = free(device)
    if count * bytes_each > there:
        raise MemoryError(
            f"{count:,} {what} need about {count * bytes_each / 1e9:.1f} GB, and {device} has {there / 1e9:.1f} GB"
            f" free; at most {there // bytes_each:,} fit"
        )
