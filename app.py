"""`python app.py` serves the chat with the settings in force, as `citebrief serve` does."""

import sys

from rich.console import Console

from assistant.errors import AssistantError
from assistant.failure import failure
from assistant.settings import load_settings
from assistant.web.serving import serve


def main() -> int:
    """Serve with the settings in force; what can be shown of a failure is shown in one line."""
    try:
        serve(load_settings())
    except AssistantError as error:
        shown = failure(error, "")
        Console(stderr=True, soft_wrap=True).print(shown.message, highlight=False, markup=False)
        return shown.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
