"""The real server with an assistant that takes its time: python slow_page.py."""

import os
import time


def main() -> int:
    """Serve; every answer waits for SLOW seconds."""
    import app
    from assistant.answer import Assistant

    stream = Assistant.stream

    def slow(self, *args, **options):
        time.sleep(float(os.environ["SLOW"]))
        yield from stream(self, *args, **options)

    Assistant.stream = slow
    return app.main()


if __name__ == "__main__":
    raise SystemExit(main())
