"""What front doors catch: errors whose message is safe to show.

`AssistantError` is the same class that the index raises, so that a front door knows one family
only. Anything else is a fault; what is shown of either is for `assistant.failure`.
"""

from index.errors import CiteBriefError as AssistantError
from index.errors import InputError

__all__ = ["AssistantError", "InputError"]
