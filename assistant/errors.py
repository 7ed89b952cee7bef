"""What front doors catch: errors whose message is safe to show.

`AssistantError` is the same class that the index raises, so that a front door knows one family
only. Anything else is a fault: it is logged with a request id and shown as one fixed sentence.
"""

from index.errors import CiteBriefError as AssistantError
from index.errors import InputError

__all__ = ["FAULT", "AssistantError", "InputError"]

FAULT = {
    "ko": "내부 오류가 생겨 답하지 못했습니다. 다시 시도해 주시고, 계속되면 요청 번호 {id}와 함께 "
    "알려 주세요.",
    "en": "Something went wrong inside and the question was not answered. Please try again; if it "
    "keeps happening, report it with request id {id}.",
}
