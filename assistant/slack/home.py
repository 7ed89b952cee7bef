"""The home tab and the dialogs: what the bot covers, the settings of a channel, and feedback."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

from assistant.conversation import LONGEST_NOTE, REASONS, Reason
from assistant.errors import InputError
from assistant.labels import as_of_text
from assistant.slack import kit
from assistant.slack.kit import Block
from assistant.slack.mrkdwn import cut, length, shown
from assistant.slack.words import reason_words, words

if TYPE_CHECKING:
    from assistant.coverage import Shelf

View = dict[str, Any]
Choice = Literal["auto", "ko", "en"]
LANGUAGES: tuple[Choice, ...] = get_args(Choice)

TITLE = 24  # of a dialog and its buttons
METADATA = 3_000
COVERED = 20  # documents that the home tab names
EXAMPLES = 6
TOPICS = 8  # of a document
GROUP = 100  # options in a group, and groups in a menu
SETTINGS, FEEDBACK = "cb_settings", "cb_feedback"  # callback ids


class Current(Protocol):
    """The settings of a channel, as they are kept."""

    @property
    def lang(self) -> str:
        """auto, ko or en."""

    @property
    def documents(self) -> Sequence[str] | None:
        """The ids of those that are asked; None: all."""

    @property
    def quiet(self) -> bool:
        """Whether notices and further questions stay out of the channel."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The settings of a channel, as they were chosen in the dialog."""

    lang: Choice
    documents: tuple[str, ...] | None
    quiet: bool


@dataclass(frozen=True, slots=True)
class Cover:
    """A document, as the home tab tells of it."""

    title: str
    pages: int
    as_of: str | None = None
    topics: tuple[str, ...] = ()


def covers_of(shelf: "Shelf", lang: str) -> list[Cover]:
    """The documents of the library, with the chief headings of those that the home tab names."""
    covers = []
    for number, one in enumerate(shelf.documents()):
        found = shelf.coverage(one.id) if number < COVERED else None
        headings = found[1] if found else []
        level = min((heading.level for heading in headings), default=0)
        topics = [_in(heading.titles, lang) for heading in headings if heading.level == level]
        covers.append(Cover(_in(one.titles, lang), one.pages, one.as_of, tuple(topics)))
    return covers


def home_view(
    covers: Sequence[Cover],
    examples: Sequence[str],
    lang: str,
    public_url: str | None,
    *,
    model: str | None = None,
) -> View:
    """The home tab. The button of the N-th example is `cb_follow` with the value `home:LANG:N`;
    `model` names the chat model that questions are sent to, if any.
    """
    blocks: list[Block] = [kit.header(words(lang, "home_title"))]
    blocks.append(kit.section(words(lang, "home_what")))
    if public_url and length(public_url) <= kit.URL:
        blocks.append(
            kit.actions([kit.button("cb_open", words(lang, "home_open"), "home", url=public_url)])
        )
    blocks += [kit.divider(), _heading(words(lang, "home_covers")), *_covered(covers, lang)]
    if examples:
        blocks += [kit.divider(), _heading(words(lang, "home_examples"))]
        for number, example in enumerate(examples[:EXAMPLES]):
            blocks.append(_example(example, f"home:{lang}:{number}", lang))
    blocks += [kit.divider(), _heading(words(lang, "home_how"))]
    blocks.append(_list(words(lang, "home_ways").splitlines()))
    sent = words(lang, "home_model", name=model) if model else words(lang, "home_local")
    blocks += [kit.divider(), _heading(words(lang, "home_privacy"))]
    blocks.append(kit.context(f"{words(lang, 'home_kept')} {sent}"))
    return {"type": "home", "callback_id": "cb_home", "blocks": blocks}


def settings_view(
    current: Current, documents: Sequence[tuple[str, str]], lang: str, *, metadata: str = ""
) -> View:
    """The dialog of `/brief settings`; `documents` are ids and titles, `metadata` comes back with
    what was chosen and says which channel it is for.
    """
    blocks = [
        _input("language", words(lang, "answer_language"), _languages(current, lang)),
    ]
    which = _documents(current, documents, lang)
    if which is not None:
        hint = words(lang, "which_hint")
        blocks.append(_input("documents", words(lang, "which"), which, hint, optional=True))
    on = _option(words(lang, "quiet_option"), "quiet")
    quiet: dict[str, Any] = {"type": "checkboxes", "action_id": "cb_quiet", "options": [on]}
    if current.quiet:
        quiet["initial_options"] = [on]
    hint = words(lang, "quiet_hint")
    blocks.append(_input("quiet", words(lang, "quiet"), quiet, hint, optional=True))
    return _dialog(SETTINGS, "settings_title", "save", blocks, lang, metadata)


def read_settings(state: Mapping[str, Any]) -> Chosen:
    """What was chosen, from the `state` of a submitted view; InputError for what we never offered.

    Which documents there are is for the caller to check.
    """
    lang = (_value(state, "language").get("selected_option") or {}).get("value", "auto")
    if lang not in LANGUAGES:
        raise InputError(f"language: {str(lang)[:40]!r}; expected auto, ko or en.")
    chosen = _value(state, "documents").get("selected_options") or ()
    quiet = _value(state, "quiet").get("selected_options") or ()
    return Chosen(lang, tuple(str(one["value"]) for one in chosen) or None, bool(quiet))


def feedback_view(turn_key: str, lang: str) -> View:
    """The dialog that asks what was wrong with an answer; its private_metadata is the key."""
    reasons = {
        "type": "checkboxes",
        "action_id": "cb_reasons",
        "options": [_option(reason_words(reason, lang), reason) for reason in REASONS],
    }
    note = {
        "type": "plain_text_input",
        "action_id": "cb_note",
        "multiline": True,
        "max_length": LONGEST_NOTE,
    }
    hint = words(lang, "note_hint")
    blocks = [
        _input("reasons", words(lang, "why"), reasons, optional=True),
        _input("note", words(lang, "note"), note, hint, optional=True),
    ]
    return _dialog(FEEDBACK, "feedback_title", "send", blocks, lang, turn_key)


def read_feedback(state: Mapping[str, Any]) -> tuple[tuple[Reason, ...], str]:
    """The reasons and the note, from the `state` of a submitted view."""
    chosen = {one["value"] for one in _value(state, "reasons").get("selected_options") or ()}
    note = str(_value(state, "note").get("value") or "").strip()
    return tuple(reason for reason in REASONS if reason in chosen), note


def _in(titles: Mapping[str, str], lang: str) -> str:
    """The title in `lang`, or in whatever language there is."""
    return titles.get(lang) or next(iter(titles.values()), "")


def _value(state: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    values: Mapping[str, Any] = state.get("values", {}).get(f"cb_{name}", {})
    found: Mapping[str, Any] = values.get(f"cb_{name}") or {}
    return found


def _dialog(
    callback: str, title: str, submit: str, blocks: Sequence[Block], lang: str, metadata: str
) -> View:
    if length(metadata) > METADATA:
        raise ValueError(f"metadata of {length(metadata)} characters; at most {METADATA}.")
    return {
        "type": "modal",
        "callback_id": callback,
        "title": kit.plain(words(lang, title), TITLE),
        "submit": kit.plain(words(lang, submit), TITLE),
        "close": kit.plain(words(lang, "cancel"), TITLE),
        "private_metadata": metadata,
        "blocks": list(blocks),
    }


def _input(
    name: str, label: str, element: Mapping[str, Any], hint: str = "", *, optional: bool = False
) -> Block:
    made: Block = {
        "type": "input",
        "block_id": f"cb_{name}",
        "label": kit.plain(label, 2_000),
        "element": dict(element),
        "optional": optional,
    }
    return made | ({"hint": kit.plain(hint, 2_000)} if hint else {})


def _option(label: str, value: str) -> dict[str, Any]:
    return {"text": kit.plain(label, kit.OPTION), "value": value}


def _languages(current: Current, lang: str) -> dict[str, Any]:
    options: dict[str, dict[str, Any]] = {n: _option(words(lang, n), n) for n in LANGUAGES}
    return {
        "type": "radio_buttons",
        "action_id": "cb_language",
        "options": list(options.values()),
        "initial_option": options.get(current.lang, options["auto"]),
    }


def _documents(
    current: Current, documents: Sequence[tuple[str, str]], lang: str
) -> dict[str, Any] | None:
    """A menu of the documents, in groups where there are many; None without any."""
    options = {
        id: _option(title or id, id) for id, title in documents if 0 < length(id) <= kit.VALUE
    }
    if not options:
        return None
    made: dict[str, Any] = {
        "type": "multi_static_select",
        "action_id": "cb_documents",
        "placeholder": kit.plain(words(lang, "which_placeholder"), 150),
    }
    every = list(options.values())[: GROUP * GROUP]
    if len(every) <= GROUP:
        made["options"] = every
    else:
        made["option_groups"] = [
            {
                "label": kit.plain(
                    words(lang, "group", first=start + 1, last=min(start + GROUP, len(every))), 75
                ),
                "options": every[start : start + GROUP],
            }
            for start in range(0, len(every), GROUP)
        ]
    initial = [options[id] for id in current.documents or () if id in options]
    initial = [one for one in initial if one in every]
    return made | ({"initial_options": initial[:GROUP]} if initial else {})


def _heading(title: str) -> Block:
    return kit.rich(kit.paragraph(kit.text(title, bold=True)))


def _list(lines: Sequence[str]) -> Block:
    items = [kit.paragraph(kit.text(line)) for line in lines if line]
    return kit.rich({"type": "rich_text_list", "style": "bullet", "elements": items})


def _covered(covers: Sequence[Cover], lang: str) -> list[Block]:
    """Each document with its size, age and topics; those beyond a few are only counted."""
    if not covers:
        return [kit.section(words(lang, "home_nothing"))]
    blocks: list[Block] = []
    for one in covers[:COVERED]:
        facts = [words(lang, "home_pages", count=one.pages)]
        facts += [as_of_text(one.as_of, lang)] if one.as_of else []
        topics = ", ".join(cut(shown(topic), 80) for topic in one.topics[:TOPICS])
        blocks.append(kit.section(cut(one.title, 500)))
        blocks.append(kit.context("\n".join(filter(None, (" · ".join(facts), topics)))))
    if (left := len(covers) - COVERED) > 0:
        blocks.append(kit.context(words(lang, "home_more", count=left)))
    return blocks


def _example(example: str, value: str, lang: str) -> Block:
    if length(example) <= kit.BUTTON:
        return kit.actions([kit.button("cb_follow", example, value)])
    ask = kit.button("cb_follow", words(lang, "ask"), value, label=example)
    return kit.section(example) | {"accessory": ask}
