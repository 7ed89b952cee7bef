"""The Slack bot in a storm: is every question answered exactly once, and how soon acknowledged?

`python -m eval.slack_storm` starts two instances of the bot over one record, each in a process of
its own, against the loopback Slack of the tests, and sends them questions with repetitions while
calls are refused (429), fail (500) or are carried out without an answer, and sockets break. In the
middle one instance is killed (SIGKILL) and started again. Then it counts, by the questions' own
threads, what is there. The assistant is a stand-in that answers at once: what is measured is the
delivery. Needs the repository (its folder tests).
"""

import argparse
import importlib
import json
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from assistant.live import Live
from assistant.settings import Settings, load_settings
from assistant.types import Answer, Citation, Event, Partial, Sentence, Step
from eval.means import percentile

ROOT = Path(__file__).parent.parent
LEASE = 8.0  # seconds
LIMIT = 900.0  # seconds for all of it
CHANNELS = ("C0GENERAL", "C0TEAM", "G0PRIVATE", "D0ALICE")
LONG = 9  # sentences of every fifth answer, which is streamed


@dataclass(frozen=True, slots=True)
class Plan:
    """What the storm is made of; shares are in [0, 1]."""

    questions: int = 1000
    duplicates: float = 0.3
    limited: float = 0.1  # calls that Slack refuses for now
    failing: float = 0.01  # calls that fail
    lost: float = 0.01  # calls that are carried out, and the answer lost
    breaks: float = 0.01  # envelopes after which a socket breaks
    a_second: float = 25.0  # questions
    kill: bool = True
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of it."""

    questions: int
    deliveries: int
    once: int
    twice: int
    never: int
    wrong: int  # threads whose answer is another question's, or not whole
    unacknowledged: int
    ack_p50_ms: float
    ack_p95_ms: float
    ack_max_ms: float
    calls: int
    refused: int  # calls, with 429
    broken: int  # sockets
    streamed: int
    seconds: float

    @property
    def sound(self) -> bool:
        """Whether every question was answered exactly once, and rightly."""
        return self.once == self.questions and not (self.twice or self.never or self.wrong)


class StandIn:
    """Answers any question with its own words, every fifth at length."""

    documents: dict[str, Any] = {}  # noqa: RUF012

    def stream(self, question: str, history: Sequence[str] = (), **given: Any) -> Iterator[Event]:
        """As `Assistant.stream`."""
        yield Step("search")
        count = LONG if int("".join(filter(str.isdigit, question)) or 1) % 5 == 0 else 1
        cited = Citation(
            1, "brief", "Brief", None, "brief:s1", 1, "", None, question, "en", None, None, 0, 1
        )
        said = tuple(
            Sentence(f"{question} is answered here, in part {n}.", (1,), "verified", "fact", 1.0)
            for n in range(count)
        )
        text = " ".join(f"{one.text} [1]" for one in said)
        answer = Answer(given["id"], question, "en", "answered", text, said, (cited,))
        if count > 1:
            half = Answer(
                given["id"], question, "en", "answered", text, said[: count // 2], (cited,)
            )
            yield Partial(half)
        yield answer

    def follow_ups(self, answer: Answer, asked: Any = (), **_: Any) -> list[str]:
        """None: as little as can be."""
        return []


def run(plan: Plan, folder: Path) -> Figures:
    """Raise the storm; AssertionError of the loopback where it does not end in time."""
    sys.path.insert(0, str(ROOT / "tests"))
    server = importlib.import_module("slack_server").LoopbackSlack
    started = time.perf_counter()
    database = f"sqlite:///{folder / 'storm.db'}"
    with server(retrying=True, retry_waits=(3.0, 5.0, 10.0), seed=plan.seed) as slack:
        bots = [_Instance(slack, database, folder, n) for n in range(2)]
        try:
            slack.wait_for(lambda: slack.connected() >= 2, 60)
            asked = _send(plan, slack, bots)
            slack.wait_for(lambda: not slack.unacked(), LIMIT)
            chats = _chats(database)
            slack.wait_for(lambda: chats.waiting() == 0, LIMIT)
        finally:
            for bot in bots:
                bot.stop()
        return _count(slack, asked, time.perf_counter() - started)


def _send(plan: Plan, slack: Any, bots: "list[_Instance]") -> dict[str, tuple[str, str]]:
    """The questions, by the delivery: where each stands, and what it says."""
    chance = random.Random(plan.seed)  # noqa: S311
    _break(plan, slack)
    asked: dict[str, tuple[str, str]] = {}
    for number in range(plan.questions):
        channel, text = chance.choice(CHANNELS), f"Question {number}"
        if channel.startswith("D"):
            key = slack.message(channel, "U0ALICE", text)
        else:
            key = slack.mention(channel, "U0ALICE", text, twin=chance.random() < 0.5)
        asked[key] = channel, text
        if chance.random() < plan.duplicates:
            again = chance.choice(list(asked)[-20:])
            threading.Timer(chance.random() * 2, slack.resend, (again,)).start()
        if plan.kill and number == plan.questions // 2:
            bots[0].kill()
            bots[0].start()
        time.sleep(chance.expovariate(plan.a_second))
    time.sleep(2.5)  # the last repetitions
    return asked


def _break(plan: Plan, slack: Any) -> None:
    """Plant the faults, each with a seed of its own."""
    slack.disconnect_share = plan.breaks
    slack.limited, fault_of = 0, slack.fault_of

    def counted(method: str) -> Any:
        fault = fault_of(method)
        slack.limited += fault is not None and fault.status == 429
        return fault

    slack.fault_of = counted
    shares = (("429", plan.limited), ("500", plan.failing), ("lost", plan.lost))
    for number, (kind, share) in enumerate(shares):
        if share:
            slack.fail_share(share, kind, seed=plan.seed + number)


def _count(slack: Any, asked: dict[str, tuple[str, str]], seconds: float) -> Figures:
    """What stands in the thread of each question."""
    counts = {"once": 0, "twice": 0, "never": 0, "wrong": 0}
    threads: dict[tuple[str, str], list[Any]] = {}
    for channel, messages in slack.messages.items():
        for message in messages:
            if message.get("bot_id") == slack.bot_id:
                threads.setdefault((channel, message.get("thread_ts", "")), []).append(message)
    for key, (channel, text) in asked.items():
        answers = threads.get((channel, slack.ts_of(key)), [])
        counts[("never", "once")[len(answers)] if len(answers) < 2 else "twice"] += 1
        for answer in answers:
            said = json.dumps(answer.get("blocks", []))
            whole = f"{text} is answered" in said and "cb_up" in said
            counts["wrong"] += not whole
    acks = sorted(slack.acks.values())
    return Figures(
        questions=len(asked),
        deliveries=len(slack.sent),
        **counts,
        unacknowledged=len(slack.unacked()),
        ack_p50_ms=_ms(percentile(acks, 50)),
        ack_p95_ms=_ms(percentile(acks, 95)),
        ack_max_ms=_ms(acks[-1]),
        calls=len(slack.calls),
        refused=slack.limited,
        broken=max(0, slack.connections - 3),
        streamed=len(slack.streams),
        seconds=round(seconds, 1),
    )


def _ms(seconds: float | None) -> float:
    return round(1000 * (seconds or 0.0), 1)


def _chats(database: str) -> Any:
    from index.record.chats import Chats
    from index.record.library import Library

    return Chats(Library.open(database))


class _Instance:
    """A bot in a process of its own."""

    def __init__(self, slack: Any, database: str, folder: Path, number: int) -> None:
        self._environment = {
            "CITEBRIEF_DATABASE": database,
            "CITEBRIEF_SLACK_API_URL": slack.url,
            "SLACK_BOT_TOKEN": slack.token,
            "SLACK_APP_TOKEN": slack.app_token,
            "PYTHONPATH": str(ROOT),
        }
        self._log = (folder / f"instance-{number}.log").open("a")
        self.start()

    def start(self) -> None:
        """Begin, or begin again."""
        import os

        self._process = subprocess.Popen(
            [sys.executable, "-m", "eval.slack_storm", "--instance"],
            env=os.environ | self._environment,
            stderr=self._log,
        )

    def kill(self) -> None:
        """End it without a word."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it as one should."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
        self._log.close()


def _instance(settings: Settings) -> None:
    """The process: a bot over the stand-in, until it is told to end."""
    from assistant.slack.app import SlackBot
    from assistant.slack.client import Slack
    from assistant.slack.tokens import check_all
    from index.record.library import Library

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    slack = Slack(settings)
    while not stop.is_set():  # the storm hits starts as well
        try:
            standing = check_all(settings, "socket", slack)
            break
        except Exception as error:
            sys.stderr.write(f"{error}\n")
            stop.wait(1)
    record = Library.open(settings.database)
    bot = SlackBot(settings, cast(Live, StandIn()), record, slack, standing, lease=LEASE)
    bot.start()
    bot.connect()
    while not stop.wait(0.2) and not bot.crew.ended.is_set():
        pass
    bot.stop(5)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; 1 where a question was lost, or answered twice."""
    usual = Plan()
    parser = argparse.ArgumentParser(prog="python -m eval.slack_storm", description=__doc__)
    parser.add_argument("--questions", type=int, default=usual.questions)
    parser.add_argument("--a-second", type=float, default=usual.a_second)
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--instance", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.instance:
        _instance(load_settings())
        return 0
    plan = Plan(questions=given.questions, a_second=given.a_second, seed=given.seed)
    with tempfile.TemporaryDirectory(prefix="slack-storm-") as folder:
        figures = run(plan, Path(folder))
    sys.stdout.write(json.dumps(asdict(plan) | asdict(figures), indent=2) + "\n")
    return 0 if figures.sound else 1


if __name__ == "__main__":
    raise SystemExit(main())
