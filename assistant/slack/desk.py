"""What the bot works with, and what all its answers need: words, languages, turns, threads."""

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from assistant.conversation import Turn
from assistant.coverage import Shelf
from assistant.settings import Settings
from assistant.slack.client import Slack
from assistant.slack.post import Place
from assistant.slack.tokens import Standing
from assistant.types import Answer
from index.language import detect
from index.record.chats import Chats
from index.types import Lang

if TYPE_CHECKING:
    from assistant.holdings import Holdings
    from assistant.live import Live
    from index.record.library import Library

KNOWN = 3600.0  # seconds that a person's language is remembered
MOST_KNOWN = 10_000

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Desk:
    """Safe to share between threads."""

    settings: Settings
    assistant: "Live"
    record: "Library"
    holdings: "Holdings | None"
    chats: Chats
    slack: Slack
    me: Standing
    folding: bool = True  # whether Slack takes containers
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _locales: dict[str, tuple[float, Lang]] = field(default_factory=dict)
    _threads: dict[tuple[str, str], tuple[threading.Lock, int]] = field(default_factory=dict)

    @property
    def shelf(self) -> Shelf:
        """What can be asked now."""
        return Shelf(lambda: self.assistant.index, self.holdings)

    def locale(self, user: str) -> Lang:
        """The language that a person has Slack in; English where that cannot be told."""
        with self._lock:
            known = self._locales.get(user)
        if known is not None and time.monotonic() - known[0] < KNOWN:
            return known[1]
        found: Mapping[str, Any] = {}
        try:
            found = self.slack.do("users_info", user=user, include_locale=True)
        except Exception as error:  # a word in the other language is better than none
            log.info("Slack: a person's language is not known: %s", type(error).__name__)
        locale = str((found.get("user") or {}).get("locale") or "")
        lang: Lang = "ko" if locale.startswith("ko") else "en"
        with self._lock:
            if len(self._locales) >= MOST_KNOWN:
                self._locales.clear()
            self._locales[user] = time.monotonic(), lang
        return lang

    @contextmanager
    def alone(self, place: Place) -> Iterator[None]:
        """One question of a thread at a time, so that the next knows what was said."""
        key = (place.channel, place.thread_ts)
        with self._lock:
            lock, count = self._threads.get(key, (threading.Lock(), 0))
            self._threads[key] = lock, count + 1
        try:
            with lock:
                yield
        finally:
            with self._lock:
                lock, count = self._threads[key]
                if count == 1:
                    del self._threads[key]
                else:
                    self._threads[key] = lock, count - 1

    def documents(self, chosen: tuple[str, ...] | None) -> tuple[str, ...] | None:
        """Those of `chosen` that are there; None: all."""
        if chosen is None:
            return None
        return tuple(id for id in chosen if id in self.assistant.documents)

    def turn(self, team: str, channel: str, key: str) -> Turn | None:
        """The turn that the key of a button stands for, or None where it is kept no more."""
        thread, _, id = key.partition("|")
        plain = self.chats.turn(team, channel, thread, id)
        return None if plain is None else Turn.from_json(plain)


def key_of(place: Place, turn: str) -> str:
    """What the buttons of an answer carry."""
    return f"{place.thread_ts}|{turn}"


def spoken(text: str, lang: str) -> Lang:
    """The language to speak of `text` in."""
    return cast(Lang, lang) if lang in ("ko", "en") else detect(text).main


def other(answer: Answer) -> Lang:
    """The language that the answer is not in."""
    return "en" if answer.language == "ko" else "ko"
