"""What the gate makes of a real model's sentences: `python -m eval.live`.

Asks the questions of one half with the chat model that CITEBRIEF_LLM names, and keeps every
sentence that it wrote, first draft or mended, with the passages it cited and what the checks found.
Prints what share was stopped, by language and by check, and lists some that were let through, to be
read by hand. No share here says that a sentence is right: only reading does. `--reword` asks for
less: to say each sentence of the brief in other words, for models too weak to cite anything.
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.progress import track
from rich.table import Table

import prompts
from assistant.answer import Assistant
from assistant.draft import drafts
from assistant.errors import InputError
from assistant.gate import Checked, CheckSentence
from assistant.llm import ChatModel, Meter, ModelFailed
from assistant.settings import load_settings
from eval.samples import LANGS, SETS, load
from eval.stand_ins import watched
from index.types import Lang

Item = TypeVar("Item")
SEED = 7  # of the choice that is listed


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the model's, with the question it was written for and what was found."""

    question: str
    lang: Lang
    checked: Checked

    def line(self) -> str:
        """As one line of JSON."""
        checked = self.checked
        return json.dumps(
            {
                "question": self.question,
                "lang": self.lang,
                "text": checked.text,
                "passed": checked.passed,
                "support": checked.support,
                "checks": [[c.code, c.text, c.passed] for c in checked.checks],
                "cites": [p.in_language(self.lang) or p.text for p in checked.passages],
            },
            ensure_ascii=False,
        )


class Recorder:
    """What a gate was asked of a model's sentences, each kept with what `question` then was."""

    def __init__(self, check: CheckSentence) -> None:
        self.check = watched(check, self._keep)
        self.question = ""
        self.sentences: list[Sentence] = []

    def _keep(self, checked: Checked, lang: Lang | None) -> None:
        if lang is not None:  # None is a copy of the extractive engine
            self.sentences.append(Sentence(self.question, lang, checked))


def main() -> None:
    """Ask, print the shares, list some, and write all where `--out` says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--half", choices=("dev", "test"), default="dev")
    parser.add_argument("--lang", choices=LANGS, help="questions of one language only")
    parser.add_argument("--reword", action="store_true", help="have sentences said otherwise")
    parser.add_argument("--limit", type=int, help="so many questions, evenly over the set")
    parser.add_argument("--show", type=int, default=0, help="list so many that were let through")
    parser.add_argument("--out", type=Path, help="write every sentence here, as JSON lines")
    options = parser.parse_args()
    settings = load_settings()
    if settings.llm is None:
        raise InputError("There is no model to ask. Set CITEBRIEF_LLM to provider:model.")
    assistant = Assistant.open(settings)
    if assistant.writer is None:
        raise InputError("There is no model to ask. Set CITEBRIEF_LLM to provider:model.")
    recorder = Recorder(assistant.gate.check)
    assistant.writer.check = recorder.check
    out = Console(width=120, highlight=False)
    langs: Sequence[Lang] = (options.lang,) if options.lang else LANGS
    if options.reword:
        engines = _reword(assistant, assistant.writer.model, recorder, langs, options.limit)
    else:
        engines = _ask(assistant, recorder, options.half, langs, options.limit)
    _print(out, recorder.sentences, engines)
    passed = [one for one in recorder.sentences if one.checked.passed]
    for one in random.Random(SEED).sample(passed, min(options.show, len(passed))):  # noqa: S311
        out.print(json.dumps(json.loads(one.line()), ensure_ascii=False, indent=1), markup=False)
    if options.out:
        lines = "".join(one.line() + "\n" for one in recorder.sentences)
        options.out.write_text(lines, encoding="utf-8")


def _ask(
    assistant: Assistant, recorder: Recorder, half: str, langs: Sequence[Lang], limit: int | None
) -> "Counter[str]":
    """Asks the questions; how many answers came from where."""
    every = load(SETS / "brief.jsonl")
    samples = [sample for sample in every if sample.half == half and sample.lang in langs]
    engines: Counter[str] = Counter()
    for sample in track(_some(samples, limit), "asking", console=Console(stderr=True)):
        recorder.question = sample.question
        answer = assistant.ask(sample.question, sample.history)
        engines[f"{answer.engine}, {answer.status}"] += 1
    return engines


def _reword(
    assistant: Assistant,
    model: ChatModel,
    recorder: Recorder,
    langs: Sequence[Lang],
    limit: int | None,
) -> "Counter[str]":
    """Has sentences said in other words, each checked against the one it was made from."""
    sentences = [p for p in assistant.index.passages if p.kind == "sentence"]
    failed: Counter[str] = Counter()
    for passage in track(_some(sentences, limit), "rewording", console=Console(stderr=True)):
        for lang in langs:
            told = prompts.load("reword", lang).substitute()
            recorder.question = text = passage.in_language(lang) or passage.text
            try:
                lines = model.complete(told, text, Meter(model.prices))
            except ModelFailed as failure:
                failed[f"no reply ({failure.reason})"] += 1
                continue
            split = assistant.index.analyzer.morphology.sentences
            for draft in list(drafts(lines[0], split))[:1]:
                recorder.check(draft.text, [passage], lang, ())
    return failed


def _some(every: Sequence[Item], limit: int | None) -> Sequence[Item]:
    """So many of them, evenly over all."""
    return every[:: max(1, len(every) // limit)][:limit] if limit else every


def _print(out: Console, sentences: Sequence[Sentence], engines: Counter[str]) -> None:
    table = Table(title="What the gate stopped of a model's sentences")
    for heading in ("", *LANGS):
        table.add_column(heading)
    own = {lang: [s.checked for s in sentences if s.lang == lang] for lang in LANGS}
    codes = Counter(c.code for s in sentences for c in s.checked.checks if not c.passed)
    table.add_row("written", *(str(len(own[lang])) for lang in LANGS))
    table.add_row("stopped", *(_share(own[lang], None) for lang in LANGS))
    for code, _ in codes.most_common():
        table.add_row(f"  for {code}", *(_share(own[lang], code) for lang in LANGS))
    out.print(table)
    for name, count in engines.most_common():
        out.print(f"{count}: {name}", markup=False)


def _share(checked: Sequence[Checked], code: str | None) -> str:
    if not checked:
        return "-"
    hit = [any(not c.passed and code in (None, c.code) for c in one.checks) for one in checked]
    return f"{sum(hit) / len(hit):.3f} ({sum(hit)})"


if __name__ == "__main__":
    main()
