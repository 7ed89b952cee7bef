"""How often somebody may ask, and how often a login may fail: moving windows in memory."""

import math
import time

from assistant.errors import InputError

SENTENCES = {
    "rate": {
        "ko": "질문이 너무 잦습니다. {seconds}초 뒤에 다시 질문해 주세요.",
        "en": "Too many questions in a short time. Please ask again in {seconds} s.",
    },
    "full": {
        "ko": "지금 기다리는 질문이 많아 새 질문을 받지 못합니다. 잠시 뒤에 다시 질문해 주세요.",
        "en": "Too many questions are waiting, so this one was not taken. Please ask again in a "
        "moment.",
    },
    "stopping": {
        "ko": "서버를 멈추는 중이라 새 질문을 받지 않습니다. 잠시 뒤에 다시 질문해 주세요.",
        "en": "The server is stopping and takes no new questions. Please ask again in a moment.",
    },
    "login": {
        "ko": "로그인 시도가 너무 잦습니다. {seconds}초 뒤에 다시 시도해 주세요.",
        "en": "Too many attempts to log in. Please try again in {seconds} s.",
    },
}


class Refused(InputError):
    """A question that is not taken now: `status` and `retry_after` are for HTTP."""

    def __init__(self, what: str, accepted: str = "", seconds: int = 0, status: int = 503) -> None:
        """`what` is a key of SENTENCES; `accepted` is the Accept-Language of who asked."""
        super().__init__(SENTENCES[what][language(accepted)].format(seconds=seconds))
        self.what = what
        self.status = status
        self.retry_after = max(1, seconds)


def language(accepted: str) -> str:
    """ "ko" or "en", whichever an Accept-Language header has first; Korean where it has neither."""
    for part in accepted.lower().split(","):
        if (name := part.strip()[:2]) in ("ko", "en"):
            return name
    return "en" if accepted.strip() not in ("", "*") else "ko"


class Rate:
    """How often each key may do something; safe to share between threads."""

    def __init__(self, rate: str) -> None:
        """`rate` is "off" or such as 30/minute."""
        from limits import parse
        from limits.storage import MemoryStorage
        from limits.strategies import MovingWindowRateLimiter

        self._item = None if rate == "off" else parse(rate)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def wait(self, key: str) -> int:
        """Count one for `key`: 0 if it may, else the seconds until it may again."""
        if self._item is None or self._limiter.hit(self._item, key):
            return 0
        return self.left(key)

    def left(self, key: str) -> int:
        """The seconds until `key` may again, 0 if now; nothing is counted."""
        if self._item is None or self._limiter.test(self._item, key):
            return 0
        reset = self._limiter.get_window_stats(self._item, key).reset_time
        return max(1, math.ceil(reset - time.time()))

    def forget(self, key: str) -> None:
        """Begin anew for `key`."""
        if self._item is not None:
            self._limiter.clear(self._item, key)
