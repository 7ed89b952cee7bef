"""A bot at work for the tests: the real Bolt, record and blocks over a stub assistant."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fakes import DOCUMENT, FIRST, SECOND, FakeIndex, answered, passage, refused
from slack_server import LoopbackSlack

from assistant.check_types import CheckedStatement, TextCheck
from assistant.settings import Settings
from assistant.slack.app import SlackBot
from assistant.slack.client import Slack
from assistant.slack.tokens import Standing, check_all
from assistant.types import Answer, Event, Partial, Step
from index.language import detect
from index.record.library import Library
from index.types import Hit

LONG = 12  # sentences of an answer to a question with "long" in it
CHANNEL, ALICE, MINJI = "C0GENERAL", "U0ALICE", "U0MINJI"


class StubIndex(FakeIndex):
    """An index of the fakes' one document."""

    folder = Path("index")

    def __init__(self) -> None:
        super().__init__({"brief": DOCUMENT}, [passage(FIRST), passage(SECOND)])


@dataclass
class StubAssistant:
    """Answers by what stands in the question: unknown is refused, long is long, fault fails."""

    asked: list[tuple[str, tuple[str, ...], str, tuple[str, ...] | None]] = field(
        default_factory=list
    )
    gate: threading.Event = field(default_factory=threading.Event)  # answers wait for it
    halfway: threading.Event = field(default_factory=threading.Event)  # the half of long ones
    took: float = 0.0  # seconds that an answer takes
    index: Any = field(default_factory=lambda: StubIndex())

    def __post_init__(self) -> None:
        self.gate.set()
        self.halfway.set()

    @property
    def documents(self) -> Any:
        return self.index.documents

    def stream(
        self,
        question: str,
        history: Sequence[str] = (),
        *,
        lang: str = "auto",
        id: str = "",
        stopped: Callable[[], bool] = lambda: False,
        documents: Any = None,
    ) -> Iterator[Event]:
        self.asked.append((question, tuple(history), lang, documents))
        yield Step("search")
        while not self.gate.wait(0.02):
            if stopped():
                return
        time.sleep(self.took)
        if "fault" in question:
            raise ValueError(f"a fault that repeats {question}")
        spoken = detect(question).main if lang == "auto" else lang
        if "unknown" in question or "모름" in question:
            yield replace(refused(language=spoken), id=id, question=question)
            return
        quotes = (FIRST, SECOND) * (LONG // 2) if "long" in question else (FIRST,)
        whole = replace(answered(*quotes, language=spoken), id=id, question=question)
        for count in range(1, len(whole.sentences)):
            while count > len(whole.sentences) // 2 and not self.halfway.wait(0.02):
                if stopped():
                    return
            yield Partial(replace(whole, sentences=whole.sentences[:count]))
        yield whole

    def check(
        self,
        text: str,
        lang: str = "auto",
        documents: Any = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> TextCheck:
        self.asked.append((text, (), lang, documents))
        found = answered(FIRST)
        one = CheckedStatement(text, 0, len(text), "supported", "fact", 1.0, (1,))
        return TextCheck(text, detect(text).main, (one,), found.citations)

    def follow_ups(self, answer: Answer, asked: Any = (), **_: Any) -> list[str]:
        return ["What is next?", "통화는 얼마나 걸렸나?"]

    def nearest(self, question: str, lang: Any = None, documents: Any = None) -> list[str]:
        return ["How many ships?"]

    def openings(self, lang: str, documents: Any = None, count: int = 4) -> list[str]:
        return ["목표는 몇 척인가?" if lang == "ko" else "How many ships are planned?"]

    def retrieve(self, question: str, history: Any = (), limit: int = 10, **_: Any) -> Any:
        return [Hit(passage(SECOND), 0.8)], 0.9


@dataclass
class Office:
    """A loopback Slack, a record, and the bots over them."""

    slack: LoopbackSlack
    folder: Path
    assistant: StubAssistant = field(default_factory=StubAssistant)
    bots: list[SlackBot] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)  # of the settings

    @property
    def settings(self) -> Settings:
        """As one would set them."""
        given = {
            "slack_bot_token": self.slack.token,
            "slack_app_token": self.slack.app_token,
            "slack_signing_secret": self.slack.signing_secret,
            "slack_api_url": self.slack.url,
            "database": f"sqlite:///{self.folder / 'record.db'}",
            "grace": 5,
        }
        return Settings(**(given | self.options))

    def open(self, mode: str = "socket", lease: float = 2.0, assistant: Any = None) -> SlackBot:
        """Another instance, at work."""
        bot = self.new(lease=lease, assistant=assistant)
        bot.start()
        if mode == "socket":
            before = self.slack.connections
            bot.connect()
            self.slack.wait_for(lambda: self.slack.connections > before)
        return bot

    def new(self, lease: float = 2.0, assistant: Any = None) -> SlackBot:
        """Another instance, not started."""
        settings = self.settings
        slack = Slack(settings)
        bot = SlackBot(
            settings,
            assistant or self.assistant,
            Library.open(settings.database),
            slack,
            self.standing(slack),
            lease=lease,
            poll=0.1,
        )
        self.bots.append(bot)
        return bot

    def standing(self, slack: Slack) -> Standing:
        """What Slack says of the token, once."""
        return check_all(self.settings, "http", slack)

    def close(self) -> None:
        """Stop whoever is still at work."""
        for bot in self.bots:
            bot.stop(grace=0.2)
        self.bots.clear()

    def done(self, timeout: float = 10) -> None:
        """Wait until nothing is to be done."""
        self.slack.wait_for(lambda: self.bots[-1].chats.waiting() == 0, timeout)

    def ask(self, text: str, user: str = ALICE, thread_ts: str | None = None) -> str:
        """Mention the bot, and wait until that is dealt with; gives the question's ts."""
        key = self.slack.mention(CHANNEL, user, text, thread_ts)
        self.settle(key)
        return self.slack.ts_of(key)

    def settle(self, *keys: str) -> None:
        """Wait until these are taken in and dealt with."""
        self.slack.wait_for(lambda: all(self.slack.acked(key) for key in keys))
        self.done()

    def said(self, thread_ts: str | None = None, channel: str = CHANNEL) -> list[dict[str, Any]]:
        """What the bot said for all to see, in a thread or everywhere in the channel."""
        return [
            m
            for m in self.slack.messages.get(channel, [])
            if m.get("bot_id") == self.slack.bot_id
            and "ephemeral_to" not in m
            and thread_ts in (None, m.get("thread_ts"))
        ]

    def whispered(self, channel: str = CHANNEL) -> list[dict[str, Any]]:
        """What it said to one person."""
        return [m for m in self.slack.messages.get(channel, []) if "ephemeral_to" in m]


@contextmanager
def office(folder: Path, **slack: Any) -> Iterator[Office]:
    """An office on a new loopback Slack."""
    with LoopbackSlack(**slack) as server:
        made = Office(server, folder)
        try:
            yield made
        finally:
            made.close()


def text_of(message: Any) -> str:
    """All words of a message: its text and those of its blocks."""
    found: list[str] = []

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            for name, value in part.items():
                if name == "text" and isinstance(value, str):
                    found.append(value)
                else:
                    walk(value)
        elif isinstance(part, list):
            for one in part:
                walk(one)

    walk(message)
    return "\n".join(found)


def buttons(message: Any) -> dict[str, list[dict[str, Any]]]:
    """The buttons of a message by their action."""
    found: dict[str, list[dict[str, Any]]] = {}

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            if part.get("type") == "button":
                found.setdefault(part["action_id"], []).append(part)
            for value in part.values():
                walk(value)
        elif isinstance(part, list):
            for one in part:
                walk(one)

    walk(message)
    return found
