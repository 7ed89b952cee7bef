"""What the machine is, and what memory its processes take. Linux only."""

import os
from pathlib import Path
from typing import Literal


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0))


def memory_gib() -> float:
    """The memory of the machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def memory_mib(field: Literal["VmRSS", "VmHWM"], pid: int | None = None) -> float:
    """What a process has in memory (VmRSS), or the most it ever had (VmHWM); None: this one."""
    status = Path(f"/proc/{pid or 'self'}/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith(f"{field}:"))
    return int(line.split()[1]) / 1024
