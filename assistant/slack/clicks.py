"""What is done at once: buttons, dialogs, the home tab, help. Nothing here is asked of a model."""

from typing import Any

from assistant.conversation import Turn, read_rating
from assistant.coverage import headings_of
from assistant.feedback import keep
from assistant.slack.blocks import answer_messages, error_message, note_message, sources_message
from assistant.slack.client import RefusedError
from assistant.slack.crew import Hold
from assistant.slack.desk import Desk
from assistant.slack.home import (
    EXAMPLES,
    TOPICS,
    Cover,
    feedback_view,
    home_view,
    read_feedback,
    read_settings,
    settings_view,
)
from assistant.slack.post import Delivery, Place
from assistant.slack.words import words
from index.record.chats import ChannelSettings, Job

MORE = 6  # passages that are shown beside those cited
TOO_LATE = frozenset(
    "expired_trigger_id trigger_expired trigger_exchanged exchanged_trigger_id "
    "invalid_trigger_id invalid_trigger hash_conflict view_not_found not_enabled".split()
)


class Clicks:
    """Does what takes no answering. Safe to share between threads."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def evidence(self, job: Job, delivery: Delivery, hold: Hold) -> str:
        """Every citation of an answer whole, then what was found besides."""
        place, desk = _place(job), self._desk
        turn = self._turn(job, delivery)
        if turn is None:
            return "gone"
        documents = desk.documents(turn.documents)
        hits, _ = desk.assistant.retrieve(turn.question, (), MORE, documents=documents)
        lang = turn.answer.language
        key = str(job.payload["value"])
        passages = [hit.passage for hit in hits]
        messages = sources_message(turn.answer, key=key, lang=lang, hits=passages)
        if place.direct and not job.payload.get("private"):
            delivery.say(place, messages)
        else:
            delivery.whisper(place, messages)
        return "shown"

    def sources(self, job: Job, delivery: Delivery, hold: Hold) -> str:
        """Show or hide the sources in the message that has the button."""
        turn = self._turn(job, delivery)
        if turn is None:
            return "gone"
        answer = turn.answer
        messages = answer_messages(
            answer,
            key=str(job.payload["value"]),
            page_url=self._desk.settings.public_url,
            question=turn.question,
            sources_open=job.payload.get("label") == words(answer.language, "show_sources"),
            follow_ups=turn.follow_ups,
            folding=False,
        )
        last, place = messages[-1], _place(job)
        ts = str(job.payload.get("ts") or "")
        given: dict[str, Any] = {"channel": place.channel, "ts": ts}
        delivery.fence()
        if not job.payload.get("private"):
            self._desk.slack.do("chat_update", text=last.text, blocks=last.blocks, **given)
        return "shown"

    def rating(self, job: Job, delivery: Delivery, hold: Hold) -> str:
        """Keep a thumb; one that is down is asked for reasons."""
        turn, place = self._turn(job, delivery), _place(job)
        if turn is None:
            return "gone"
        lang = turn.answer.language
        if job.payload["action"] == "cb_up":
            keep(self._desk.record, turn, read_rating("up"))
            delivery.whisper(place, [note_message(words(lang, "thanks"))])
            return "up"
        keep(self._desk.record, turn, read_rating("down"))
        key = f"{place.channel}|{job.payload['value']}"
        opened = self._open(job, feedback_view(key, lang))
        if not opened:
            delivery.whisper(place, [note_message(words(lang, "thanks"))])
        return "down"

    def rating_given(self, job: Job, delivery: Delivery, hold: Hold) -> str:
        """Keep the reasons for a thumb that is down."""
        channel, _, key = str(job.payload["private_metadata"]).partition("|")
        turn = self._desk.turn(job.team, channel, key)
        if turn is None:
            return "gone"
        reasons, note = read_feedback(job.payload["state"])
        keep(self._desk.record, turn, read_rating("down", reasons, note))
        user, thread = str(job.payload["user"]), key.partition("|")[0]
        place = Place(job.team, channel, "" if thread.startswith("c") else thread, user)
        thanks = words(turn.answer.language, "thanks")
        delivery.whisper(place, [note_message(thanks)])
        return "down"

    def settings(self, job: Job, delivery: Delivery, hold: Hold) -> str:
        """Open the dialog of a channel's settings."""
        place, desk = _place(job), self._desk
        lang = desk.locale(place.user)
        current = desk.chats.channel(job.team, place.channel)
        documents = [(one.id, _title(one.titles, lang)) for one in desk.shelf.documents()]
        view = settings_view(current, documents, lang, metadata=place.channel)
        if self._open(job, view):
            return "opened"
        delivery.whisper(place, [error_message("busy", lang)])
        return "late"

    def settings_given(self, job: Job, delivery: Delivery, hold: Hold) -> str:
        """Keep the settings of a channel, and say so to who made them."""
        desk, channel = self._desk, str(job.payload["private_metadata"])
        chosen = read_settings(job.payload["state"])
        known = chosen.documents and tuple(
            id for id in chosen.documents if id in desk.assistant.documents
        )
        settings = ChannelSettings(chosen.lang, known or None, chosen.quiet)
        desk.chats.set_channel(job.team, channel, settings)
        user = str(job.payload["user"])
        said = note_message(words(desk.locale(user), "settings_saved"))
        delivery.whisper(Place(job.team, channel, "", user), [said])
        return "saved"

    def help(self, job: Job, delivery: Delivery, hold: Hold) -> str:
        """What the bot can do, for who asked."""
        place = _place(job)
        message = note_message(words(self._desk.locale(place.user), "help"))
        if place.direct and not job.payload.get("private"):
            delivery.say(place, [message])
        else:
            delivery.whisper(place, [message])
        return "helped"

    def home(self, job: Job, delivery: Delivery, hold: Hold) -> str:
        """Publish the home tab of who opened it."""
        desk, user = self._desk, str(job.payload["user"])
        lang = desk.locale(user)
        covers = []
        for one in desk.shelf.documents():
            document = desk.assistant.documents.get(one.id)
            headings = headings_of(document) if document else []
            topics = tuple(_title(h.titles, lang) for h in headings if h.level <= 2)[:TOPICS]
            covers.append(Cover(_title(one.titles, lang), one.pages, one.as_of, topics))
        examples = desk.assistant.openings(lang, None, EXAMPLES)
        view = home_view(covers, examples, lang, desk.settings.public_url, model=desk.settings.llm)
        view["private_metadata"] = str(job.payload.get("channel") or "")
        delivery.fence()
        desk.slack.do("views_publish", user_id=user, view=view)
        return "published"

    def _turn(self, job: Job, delivery: Delivery) -> Turn | None:
        """What the button stands for; where it is kept no more, who clicked is told."""
        place = _place(job)
        turn = self._desk.turn(job.team, place.channel, str(job.payload["value"]))
        if turn is None:
            lang = self._desk.locale(place.user)
            delivery.whisper(place, [error_message("gone", lang)])
        return turn

    def _open(self, job: Job, view: dict[str, Any]) -> bool:
        """Open a dialog; False where it is too late, as it is three seconds after a click."""
        try:
            trigger = str(job.payload.get("trigger_id") or "")
            self._desk.slack.do("views_open", trigger_id=trigger, view=view)
        except RefusedError as error:
            if error.code in TOO_LATE:
                return False
            raise
        return True


def _place(job: Job) -> Place:
    asked = job.payload
    private = bool(asked.get("private"))
    return Place(
        team=job.team,
        channel=str(asked.get("channel") or ""),
        thread_ts="" if private else str(asked.get("thread_ts") or ""),
        user=str(asked.get("user") or ""),
        direct=bool(asked.get("direct")),
        response_url=str(asked.get("response_url") or "") if private else "",
    )


def _title(titles: Any, lang: str) -> str:
    """A title in `lang`, or in whichever language there is one."""
    return str(titles.get(lang) or next(iter(titles.values()), ""))
