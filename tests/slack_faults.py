"""Faults that tests plant in the Web API: refusals, limits, broken servers, broken connections."""

import random
import threading
from dataclasses import dataclass
from typing import Any

from slack_presses import Presser


@dataclass(slots=True)
class Fault:
    """A planted fault, for the next calls or for a share of them."""

    method: str  # "*" for all
    skip: int = 0
    times: int | None = None  # None: without end
    share: tuple[float, random.Random] | None = None
    error: str | None = None
    status: int | None = None
    retry_after: int | None = None
    cut: bool = False  # the connection breaks, and nothing was done
    lost: bool = False  # it was done, and the connection breaks before the answer
    delay: float = 0.0  # seconds before it is done

    def strikes(self, method: str) -> bool:
        """Whether this call is hit."""
        if self.method not in ("*", method) or self.times == 0:
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.share is not None and self.share[1].random() >= self.share[0]:
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Faulty(Presser):
    """A Slack whose Web API fails where it was planted."""

    def __init__(self) -> None:
        super().__init__()
        self.disconnect_share = 0.0
        self._faults: list[Fault] = []
        self._fault_lock = threading.Lock()

    def fault_of(self, method: str) -> Fault | None:
        """The fault that strikes this call, if any."""
        with self._fault_lock:
            return next((one for one in self._faults if one.strikes(method)), None)

    def fail_next(self, method: str, times: int = 1, **fault: Any) -> None:
        """Plant a fault in the next calls of a method ("*": of any); the fields are Fault's."""
        if "retry_after" in fault:
            fault = {"status": 429, "error": "ratelimited", **fault}
        with self._fault_lock:
            self._faults.append(Fault(method, times=times, **fault))

    def fail_share(
        self, share: float, kind: str, seed: int = 7, method: str = "*", retry_after: int = 1
    ) -> None:
        """Plant a fault in a share of all calls: "429", "500", "cut", "lost" or an error's name."""
        made: dict[str, Any] = {
            "429": {"status": 429, "error": "ratelimited", "retry_after": retry_after},
            "500": {"status": 500},
            "cut": {"cut": True},
            "lost": {"lost": True},
        }.get(kind, {"error": kind})
        with self._fault_lock:
            self._faults.append(Fault(method, share=(share, random.Random(seed)), **made))

    def heal(self) -> None:
        """Take all planted faults away."""
        with self._fault_lock:
            self._faults.clear()
        self.disconnect_share = 0.0
