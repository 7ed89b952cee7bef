"""Ids that do harm when a worker looks at them: they stand for a file that harms its parser.

An id travels with its file through every engine, and is first looked at (is there one?) when the
document is assembled, in the process that has just parsed the file.
"""

import os
import time
from pathlib import Path


class Trap(str):
    def __bool__(self) -> bool:
        if self.startswith("exits"):
            os._exit(7)
        if self.startswith("sleeps"):
            time.sleep(600)
        if self.startswith("gorges"):
            hoard = []
            while True:
                hoard.append(bytearray(50_000_000))
        if self.startswith("fails"):
            raise ZeroDivisionError("a fault of a parser")
        if self.startswith("once"):  # ends its process, but only the first: once-/the/file
            mark = Path(self.removeprefix("once-"))
            if not mark.exists():
                mark.touch()
                os._exit(7)
        return len(self) > 0
