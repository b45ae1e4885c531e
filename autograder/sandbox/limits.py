"""What a submission may use, and how a process in the sandbox ended."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """call_s: seconds for one answer; cell_s: for one cell of the notebook; wall_s: for the whole submission; cpu_s: of
    processor time, one process; memory_bytes: of all processes together where a cgroup can be made, else of each one's
    address space; processes: processes and threads; file_bytes: one file; tmp_bytes: all files; log_bytes: printed text
    that is kept; output_bytes: printed text after which the process is ended."""

    call_s: float
    cell_s: float
    wall_s: float
    cpu_s: int
    memory_bytes: int
    processes: int
    file_bytes: int
    tmp_bytes: int
    log_bytes: int = 65_536
    output_bytes: int = 10_000_000


@dataclass(frozen=True)
class Ended:
    """How a process ended: exit_code or signal (the other is None); whether a memory or process limit was hit, as
    far as the kernel tells; peak memory in bytes and processor time in seconds of all its processes, as far as known;
    whether its files were too many, where they lie in a folder of the host (a file system of limited size refuses)."""

    exit_code: int | None
    signal: int | None
    memory_exceeded: bool = False
    processes_exceeded: bool = False
    peak_memory_bytes: int | None = None
    cpu_s: float = 0.0
    disk_exceeded: bool = False
